-- Who writes the cache of the room; renewed by the reader only (GRP-8).

CREATE TABLE reader_lease (
    id         SMALLINT PRIMARY KEY CHECK (id = 1),
    epoch      BIGINT                   NOT NULL,
    holder     VARCHAR(200)             NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL
) WITH (fillfactor = 10);
INSERT INTO reader_lease (id, epoch, holder, expires_at)
VALUES (1, 0, '', TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00');
