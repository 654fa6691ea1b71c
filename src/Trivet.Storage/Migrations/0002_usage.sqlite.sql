-- Organisation first, then time: one organisation's days lie together in the file, and no second index is needed for them.
CREATE TABLE attempts (
    organisation               TEXT   NOT NULL,
    started_ms                 BIGINT NOT NULL,
    id                         TEXT   NOT NULL,
    request_id                 TEXT   NOT NULL,
    ordinal                    BIGINT NOT NULL,
    team                       TEXT   NOT NULL,
    key_id                     TEXT   NOT NULL,
    route                      TEXT   NOT NULL,
    model_asked                TEXT   NOT NULL,
    upstream                   TEXT   NOT NULL,
    credential_id              TEXT   NOT NULL,
    upstream_model             TEXT   NOT NULL,
    model_answered             TEXT   NOT NULL,
    client_protocol            TEXT   NOT NULL,
    upstream_protocol          TEXT   NOT NULL,
    streamed                   BIGINT NOT NULL,
    failure                    TEXT   NOT NULL,
    http_status                BIGINT,
    input_uncached_tokens      BIGINT NOT NULL,
    input_cache_read_tokens    BIGINT NOT NULL,
    input_cache_write5m_tokens BIGINT NOT NULL,
    input_cache_write1h_tokens BIGINT NOT NULL,
    output_text_tokens         BIGINT NOT NULL,
    output_reasoning_tokens    BIGINT NOT NULL,
    estimated                  BIGINT NOT NULL,
    time_to_first_content_ms   BIGINT,
    duration_ms                BIGINT NOT NULL,
    output_bytes               BIGINT NOT NULL,
    cost_nano                  BIGINT,                -- null: unpriced, which is not free
    currency                   TEXT   NOT NULL,
    lost                       TEXT   NOT NULL,
    committed                  BIGINT NOT NULL,
    client_disconnected        BIGINT NOT NULL,
    session_hash               TEXT   NOT NULL,
    PRIMARY KEY (organisation, started_ms, id)
) WITHOUT ROWID;

CREATE INDEX attempts_by_request ON attempts (request_id);

-- Ids begin with their time, so one tree serves for looking one up and for the order of time: an index would cost more than the row.
CREATE TABLE requests (
    organisation    TEXT   NOT NULL,
    started_ms      BIGINT NOT NULL,
    id              TEXT   NOT NULL,
    team            TEXT   NOT NULL,
    key_id          TEXT   NOT NULL,
    endpoint        TEXT   NOT NULL,
    client_protocol TEXT   NOT NULL,
    model_asked     TEXT   NOT NULL,
    status          BIGINT NOT NULL,
    error_code      TEXT   NOT NULL,
    attempts        BIGINT NOT NULL,
    duration_ms     BIGINT NOT NULL,
    route_reason    TEXT   NOT NULL,
    lost            TEXT   NOT NULL,
    user_agent      TEXT   NOT NULL,
    session_id      TEXT   NOT NULL,
    payload_ref     TEXT   NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;
