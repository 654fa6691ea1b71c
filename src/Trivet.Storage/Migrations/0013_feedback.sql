-- What people said of answers; one verdict for each request, the last one.
CREATE TABLE feedback (
    request_id   TEXT   NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL,
    key_id       TEXT   NOT NULL,
    at_ms        BIGINT NOT NULL,
    verdict      TEXT   NOT NULL,   -- Up, Down, Accepted, Retried
    task         TEXT   NOT NULL,
    offering     TEXT   NOT NULL    -- upstream/model that answered
);

CREATE INDEX feedback_by_time ON feedback (at_ms);
