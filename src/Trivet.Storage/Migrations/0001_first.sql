-- Common to both engines: TEXT and BIGINT only. Times are Unix milliseconds (UTC), flags are 0 or 1, money is nano-units.

CREATE TABLE keys (
    id                  TEXT   NOT NULL PRIMARY KEY,
    organisation        TEXT   NOT NULL,
    team                TEXT   NOT NULL,
    name                TEXT   NOT NULL,
    hash                TEXT   NOT NULL UNIQUE,     -- SHA-256, hex; the key itself is nowhere
    hint                TEXT   NOT NULL,
    allowed_models      TEXT,                       -- JSON array of patterns; null allows all
    budget              TEXT,                       -- like 1.00USD/day
    requests_per_minute BIGINT,
    tokens_per_minute   BIGINT,
    created_at_ms       BIGINT NOT NULL,
    expires_at_ms       BIGINT,
    revoked_at_ms       BIGINT,
    logs_payloads       BIGINT NOT NULL,
    is_admin            BIGINT NOT NULL
);

-- A name can be used again once its key is revoked.
CREATE UNIQUE INDEX keys_by_name ON keys (organisation, name) WHERE revoked_at_ms IS NULL;

-- One counter per kind of thing that running nodes keep a snapshot of; it goes up in the transaction that changes the thing.
CREATE TABLE versions (
    name    TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

INSERT INTO versions (name, version) VALUES ('keys', 0);

-- Sums of attempts per hour, kept by the transaction that inserts the attempts.
CREATE TABLE usage_hourly (
    organisation              TEXT   NOT NULL,
    hour_ms                   BIGINT NOT NULL,
    team                      TEXT   NOT NULL,
    key_id                    TEXT   NOT NULL,
    route                     TEXT   NOT NULL,
    upstream                  TEXT   NOT NULL,
    upstream_model            TEXT   NOT NULL,
    currency                  TEXT   NOT NULL,
    attempts                  BIGINT NOT NULL,
    failed                    BIGINT NOT NULL,
    estimated                 BIGINT NOT NULL,
    unpriced                  BIGINT NOT NULL,
    input_uncached_tokens     BIGINT NOT NULL,
    input_cache_read_tokens   BIGINT NOT NULL,
    input_cache_write5m_tokens BIGINT NOT NULL,
    input_cache_write1h_tokens BIGINT NOT NULL,
    output_text_tokens        BIGINT NOT NULL,
    output_reasoning_tokens   BIGINT NOT NULL,
    cost_nano                 BIGINT NOT NULL,
    PRIMARY KEY (organisation, hour_ms, team, key_id, route, upstream, upstream_model, currency)
);
