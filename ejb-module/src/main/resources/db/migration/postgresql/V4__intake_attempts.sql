-- Tries of messages that the command queue delivered again; written by the intake only.

CREATE TABLE intake_attempt (
    message_id    VARCHAR(255)             NOT NULL PRIMARY KEY,
    tries         INTEGER                  NOT NULL,
    tried_at      TIMESTAMP WITH TIME ZONE NOT NULL,
    reason_code   VARCHAR(64),
    reason_detail VARCHAR(1000)
);
CREATE INDEX intake_attempt_by_age ON intake_attempt (tried_at);
