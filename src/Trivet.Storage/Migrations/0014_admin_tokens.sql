-- What opens the admin API for programs. Common to both engines: TEXT and BIGINT only. Times are Unix milliseconds (UTC).
CREATE TABLE admin_tokens (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL,              -- owner, operator, accountant, viewer
    hash          TEXT   NOT NULL UNIQUE,       -- SHA-256, hex; the token itself is nowhere
    hint          TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT,
    revoked_at_ms BIGINT
);

-- A name can be used again once its token is revoked.
CREATE UNIQUE INDEX admin_tokens_by_name ON admin_tokens (name) WHERE revoked_at_ms IS NULL;
