-- What each node has counted of each offering and credential: sums that fade, so that those of several nodes add and a restart loses nothing. Common to both
-- engines: TEXT and BIGINT only. A node replaces its own rows; rows that nobody has written for a month go.
CREATE TABLE scorecards (
    node     TEXT   NOT NULL,                   -- whose counts; the name survives restarts
    kind     TEXT   NOT NULL,                   -- offering | credential
    subject  TEXT   NOT NULL,                   -- upstream/model, or the credential's id
    as_of_ms BIGINT NOT NULL,                   -- when the sums stood so
    content  TEXT   NOT NULL,                   -- JSON
    PRIMARY KEY (node, kind, subject)
);

CREATE INDEX scorecards_by_time ON scorecards (as_of_ms);
