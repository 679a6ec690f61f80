-- The buffered queue of reports where it is stored in the database; written by report/queue/jdbc only.

CREATE TABLE report_queue (
    queue       VARCHAR(100)             PRIMARY KEY,
    epoch       BIGINT                   NOT NULL,
    owner       VARCHAR(200)             NOT NULL,
    expires_at  TIMESTAMP WITH TIME ZONE NOT NULL,
    first_seq   BIGINT                   NOT NULL,
    last_seq    BIGINT                   NOT NULL,
    last_letter BIGINT                   NOT NULL
);

CREATE TABLE report_queue_entry (
    queue       VARCHAR(100)             NOT NULL,
    seq         BIGINT                   NOT NULL,
    appended_at BIGINT                   NOT NULL,
    weight      BIGINT                   NOT NULL,
    source      VARCHAR(1024)            NOT NULL,
    report_key  VARCHAR(1024)            NOT NULL,
    payload     BYTEA                    NOT NULL,
    PRIMARY KEY (queue, seq)
);

CREATE TABLE report_queue_cursor (
    queue          VARCHAR(100)          NOT NULL,
    consumer_group VARCHAR(200)          NOT NULL,
    acked          BIGINT                NOT NULL,
    attempts       INTEGER               NOT NULL,
    PRIMARY KEY (queue, consumer_group)
);

CREATE TABLE report_queue_letter (
    queue          VARCHAR(100)          NOT NULL,
    id             BIGINT                NOT NULL,
    consumer_group VARCHAR(200)          NOT NULL,
    seq            BIGINT                NOT NULL,
    appended_at    BIGINT                NOT NULL,
    weight         BIGINT                NOT NULL,
    source         VARCHAR(1024)         NOT NULL,
    report_key     VARCHAR(1024)         NOT NULL,
    payload        BYTEA                 NOT NULL,
    reason         VARCHAR(1000)         NOT NULL,
    attempts       INTEGER               NOT NULL,
    set_aside_at   BIGINT                NOT NULL,
    PRIMARY KEY (queue, id),
    UNIQUE (queue, consumer_group, seq)
);
