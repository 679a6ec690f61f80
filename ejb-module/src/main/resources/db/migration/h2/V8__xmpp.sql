-- The XMPP intake: who owns which server, and messages that were no reports; written by it only.

CREATE TABLE xmpp_lease (
    server     VARCHAR(200)             NOT NULL PRIMARY KEY,
    epoch      BIGINT                   NOT NULL,
    node       VARCHAR(300)             NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE xmpp_node (
    node          VARCHAR(300)             NOT NULL PRIMARY KEY,
    present_until TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE xmpp_letter (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source        VARCHAR(200)             NOT NULL,
    archive_id    VARCHAR(500)             NOT NULL,
    sender        VARCHAR(1000)            NOT NULL,
    reason_code   VARCHAR(64)              NOT NULL,
    reason_detail VARCHAR(1000)            NOT NULL,
    body          CHARACTER VARYING(1048576),
    refused_at    TIMESTAMP WITH TIME ZONE NOT NULL,
    UNIQUE (source, archive_id)
);
CREATE INDEX xmpp_letter_by_source ON xmpp_letter (source, id);
