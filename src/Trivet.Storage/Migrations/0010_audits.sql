-- Audits (docs/audits.md). Common to both engines: TEXT and BIGINT only; money is nano-units of one currency.

-- What is known of an offering from all its audits.
CREATE TABLE audit_cases (
    offering   TEXT   NOT NULL PRIMARY KEY,     -- upstream/model
    upstream   TEXT   NOT NULL,
    standing   BIGINT NOT NULL,                 -- 0 clean, 1 noted, 2 down-weighted, 3 quarantined
    next_ms    BIGINT NOT NULL,
    state      TEXT   NOT NULL                  -- JSON: evidence by test, rounds, since when it stands so
);

-- One row per audit. It is written before the first request, with the money set aside for it.
CREATE TABLE audits (
    id          TEXT   NOT NULL PRIMARY KEY,    -- ordered by time
    offering    TEXT   NOT NULL,
    upstream    TEXT   NOT NULL,
    started_ms  BIGINT NOT NULL,
    finished_ms BIGINT NOT NULL,                -- 0: it runs, or its node was killed
    spent_nano  BIGINT NOT NULL,                -- until it is finished: what was set aside
    currency    TEXT   NOT NULL,
    found       BIGINT NOT NULL,                -- 1: some test speaks against the offering
    report      TEXT   NOT NULL,                -- JSON without the exchanges
    exchanges   TEXT   NOT NULL                 -- JSON, compressed (gzip, base64); empty once it is no longer kept
);

CREATE INDEX audits_by_upstream ON audits (upstream, started_ms);

-- Who may do a thing that one node does at a time.
CREATE TABLE audit_leases (
    name       TEXT   NOT NULL PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_ms BIGINT NOT NULL
);
