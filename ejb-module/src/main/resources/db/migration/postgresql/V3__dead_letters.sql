-- Messages of the command queue that had no effect; written by the intake only.

CREATE TABLE dead_letter (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id     VARCHAR(255)             NOT NULL UNIQUE,
    business_key   VARCHAR(200),
    command        VARCHAR(40),
    reason_code    VARCHAR(64)              NOT NULL,
    reason_detail  VARCHAR(1000)            NOT NULL,
    message_type   VARCHAR(64)              NOT NULL,
    body           TEXT,
    body_truncated BOOLEAN                  NOT NULL,
    attempts       INTEGER                  NOT NULL,
    status         VARCHAR(20)              NOT NULL,
    received_at    TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at     TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_by     VARCHAR(200),
    group_id       UUID,
    seq            BIGINT                   NOT NULL
);
CREATE INDEX dead_letter_by_status ON dead_letter (status, id);
CREATE INDEX dead_letter_by_age ON dead_letter (received_at);
