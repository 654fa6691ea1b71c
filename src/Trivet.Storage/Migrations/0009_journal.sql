-- The journal (docs/journal.md). Common to both engines: TEXT and BIGINT only.

CREATE TABLE journal_entries (
    id       TEXT   NOT NULL PRIMARY KEY,   -- of an event: a hash of what it is, so that all nodes write the same one
    at_ms    BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    subject  TEXT   NOT NULL,               -- upstream, upstream/model, organisation/key; empty: nothing in particular
    title    TEXT   NOT NULL,
    body     TEXT   NOT NULL,               -- Markdown
    author   TEXT   NOT NULL,               -- empty: Trivet
    tags     TEXT   NOT NULL,               -- JSON array
    evidence TEXT   NOT NULL                -- JSON object of texts
);

CREATE INDEX journal_entries_by_time ON journal_entries (at_ms, id);
CREATE INDEX journal_entries_by_subject ON journal_entries (subject, kind, at_ms);

CREATE TABLE journal_tags (
    tag      TEXT   NOT NULL,
    at_ms    BIGINT NOT NULL,
    entry_id TEXT   NOT NULL,
    PRIMARY KEY (tag, at_ms, entry_id)
);

-- What was last seen of things whose changes are told: the catalogue's prices.
CREATE TABLE journal_marks (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
