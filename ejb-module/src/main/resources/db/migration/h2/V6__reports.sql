-- Reports and what follows from them; written by the processing of reports only.

CREATE TABLE report (
    no           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           UUID                     NOT NULL UNIQUE,
    source       VARCHAR(200)             NOT NULL,
    report_key   VARCHAR(200)             NOT NULL,
    kind         VARCHAR(64)              NOT NULL,
    user_name    VARCHAR(200),
    device       VARCHAR(200),
    occurred_at  TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at  TIMESTAMP WITH TIME ZONE NOT NULL,
    received_via VARCHAR(20)              NOT NULL,
    stored_at    TIMESTAMP WITH TIME ZONE NOT NULL,
    body         CHARACTER VARYING(1048576) NOT NULL
);
CREATE INDEX report_by_source ON report (source, no);
CREATE INDEX report_by_age ON report (stored_at);

-- What each device of a user confirmed last, and until when that holds.
CREATE TABLE report_state (
    user_name    VARCHAR(200)             NOT NULL,
    device       VARCHAR(200)             NOT NULL,
    state        VARCHAR(20)              NOT NULL,
    source       VARCHAR(200)             NOT NULL,
    report_id    UUID                     NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at   TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (user_name, device)
);
CREATE INDEX report_state_by_expiry ON report_state (expires_at);

-- Up to which entry of a group the clients of a user confirmed to have got messages.
CREATE TABLE report_delivery (
    group_id     UUID                     NOT NULL,
    user_name    VARCHAR(200)             NOT NULL,
    seq          BIGINT                   NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (group_id, user_name)
);
CREATE INDEX report_delivery_by_age ON report_delivery (confirmed_at);

-- How many reports came in each hour.
CREATE TABLE report_summary (
    hour_start TIMESTAMP WITH TIME ZONE NOT NULL,
    source  VARCHAR(200)             NOT NULL,
    kind    VARCHAR(64)              NOT NULL,
    reports BIGINT                   NOT NULL,
    PRIMARY KEY (hour_start, source, kind)
);

-- Where an intake goes on in its source: stored with the reports up to there.
CREATE TABLE report_position (
    source    VARCHAR(200)             NOT NULL PRIMARY KEY,
    position  VARCHAR(500)             NOT NULL,
    report_id UUID                     NOT NULL,
    stored_at TIMESTAMP WITH TIME ZONE NOT NULL
);
