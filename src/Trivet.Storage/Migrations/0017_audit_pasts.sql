-- Audits: the operator's own items, and what offerings answered earlier (docs/audits.md). Common to both engines.

CREATE TABLE audit_items (
    id         TEXT   NOT NULL PRIMARY KEY,    -- follows from what it asks and expects
    item       TEXT   NOT NULL,                -- JSON
    created_ms BIGINT NOT NULL
);

-- What an offering answered when it was enrolled: its reference where nobody is named as one.
CREATE TABLE audit_pasts (
    offering TEXT   NOT NULL PRIMARY KEY,      -- upstream/model
    since_ms BIGINT NOT NULL,
    past     TEXT   NOT NULL                   -- JSON, compressed (gzip, base64)
);
