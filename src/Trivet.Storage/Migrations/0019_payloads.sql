-- What clients of certain keys sent and got, for as long as the operator wants it. Common to both engines.
CREATE TABLE payloads (
    request_id    TEXT   NOT NULL PRIMARY KEY,
    organisation  TEXT   NOT NULL,
    at_ms         BIGINT NOT NULL,
    expires_ms    BIGINT NOT NULL,
    request       TEXT   NOT NULL,
    request_bytes BIGINT NOT NULL,
    answer        TEXT   NOT NULL,
    answer_bytes  BIGINT NOT NULL
);

CREATE INDEX payloads_by_end ON payloads (expires_ms);
