-- Groups, their members and streams; written by the one writer only (GRP-3, GRP-4).

CREATE TABLE writer_lease (
    id         SMALLINT PRIMARY KEY CHECK (id = 1),
    epoch      BIGINT                   NOT NULL,
    holder     VARCHAR(200)             NOT NULL,
    url        VARCHAR(500)             NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL
);
INSERT INTO writer_lease (id, epoch, holder, url, expires_at)
VALUES (1, 0, '', '', TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00');

CREATE TABLE chat_group (
    id             UUID PRIMARY KEY,
    type           VARCHAR(20)              NOT NULL,
    name           VARCHAR(200)             NOT NULL,
    topic          VARCHAR(2000)            NOT NULL,
    posting_rule   VARCHAR(20)              NOT NULL,
    retention_days INTEGER                  NOT NULL,
    group_key      VARCHAR(200) UNIQUE,
    status         VARCHAR(20)              NOT NULL,
    owner_id       BIGINT                   NOT NULL,
    member_count   INTEGER                  NOT NULL,
    first_seq      BIGINT                   NOT NULL,
    created_at     TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE membership (
    group_id     UUID                     NOT NULL REFERENCES chat_group (id),
    account_id   BIGINT                   NOT NULL,
    account_name VARCHAR(200)             NOT NULL,
    status       VARCHAR(20)              NOT NULL,
    role         VARCHAR(20)              NOT NULL,
    muted_until  TIMESTAMP WITH TIME ZONE,
    since        TIMESTAMP WITH TIME ZONE NOT NULL,
    read_seq     BIGINT                   NOT NULL,
    read_no      BIGINT                   NOT NULL,
    PRIMARY KEY (account_id, group_id)
);
CREATE INDEX membership_by_group ON membership (group_id, status, account_id);

CREATE TABLE timeline_entry (
    group_id     UUID                     NOT NULL,
    seq          BIGINT                   NOT NULL,
    kind         SMALLINT                 NOT NULL,
    actor_id     BIGINT                   NOT NULL,
    subject_id   BIGINT                   NOT NULL,
    target_seq   BIGINT,
    no           BIGINT                   NOT NULL,
    at           TIMESTAMP WITH TIME ZONE NOT NULL,
    client_id    UUID UNIQUE,
    request_hash BIGINT,
    json         VARBINARY(1048576) NOT NULL,
    PRIMARY KEY (group_id, seq)
);
CREATE INDEX timeline_entry_by_target ON timeline_entry (group_id, target_seq);

CREATE TABLE update_log (
    revision   BIGINT PRIMARY KEY,
    epoch      BIGINT   NOT NULL,
    group_id   UUID     NOT NULL,
    seq        BIGINT   NOT NULL,
    kind       SMALLINT NOT NULL,
    actor_id   BIGINT   NOT NULL,
    subject_id BIGINT   NOT NULL,
    target     BIGINT   NOT NULL,
    no         BIGINT   NOT NULL,
    at         TIMESTAMP WITH TIME ZONE NOT NULL
);
