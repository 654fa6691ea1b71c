-- Sums of days that are over, made in the background of the sums by hour (SqlRollupStore). They stand for the hours of a day that is in usage_days and not stale there.

-- Closed days. Whoever books into the hours of one says that it is stale; whoever changes usage_hourly in another way must do the same.
CREATE TABLE usage_days (
    day_ms   BIGINT NOT NULL PRIMARY KEY,
    is_stale BIGINT NOT NULL
);

-- Of a day: the rows of usage_hourly without their hours.
CREATE TABLE usage_daily (
    organisation               TEXT   NOT NULL,
    day_ms                     BIGINT NOT NULL,
    team                       TEXT   NOT NULL,
    key_id                     TEXT   NOT NULL,
    route                      TEXT   NOT NULL,
    upstream                   TEXT   NOT NULL,
    upstream_model             TEXT   NOT NULL,
    currency                   TEXT   NOT NULL,
    attempts                   BIGINT NOT NULL,
    failed                     BIGINT NOT NULL,
    estimated                  BIGINT NOT NULL,
    unpriced                   BIGINT NOT NULL,
    input_uncached_tokens      BIGINT NOT NULL,
    input_cache_read_tokens    BIGINT NOT NULL,
    input_cache_write5m_tokens BIGINT NOT NULL,
    input_cache_write1h_tokens BIGINT NOT NULL,
    output_text_tokens         BIGINT NOT NULL,
    output_reasoning_tokens    BIGINT NOT NULL,
    cost_nano                  BIGINT NOT NULL,
    listed                     BIGINT NOT NULL,
    list_nano                  BIGINT NOT NULL,
    charged_nano               BIGINT NOT NULL,
    PRIMARY KEY (organisation, day_ms, team, key_id, route, upstream, upstream_model, currency)
) WITHOUT ROWID;

-- Of an hour of a closed day: the rows of usage_hourly without whose they are.
CREATE TABLE traffic_hourly (
    hour_ms                    BIGINT NOT NULL,
    upstream                   TEXT   NOT NULL,
    upstream_model             TEXT   NOT NULL,
    currency                   TEXT   NOT NULL,
    attempts                   BIGINT NOT NULL,
    failed                     BIGINT NOT NULL,
    estimated                  BIGINT NOT NULL,
    unpriced                   BIGINT NOT NULL,
    input_uncached_tokens      BIGINT NOT NULL,
    input_cache_read_tokens    BIGINT NOT NULL,
    input_cache_write5m_tokens BIGINT NOT NULL,
    input_cache_write1h_tokens BIGINT NOT NULL,
    output_text_tokens         BIGINT NOT NULL,
    output_reasoning_tokens    BIGINT NOT NULL,
    cost_nano                  BIGINT NOT NULL,
    listed                     BIGINT NOT NULL,
    list_nano                  BIGINT NOT NULL,
    charged_nano               BIGINT NOT NULL,
    PRIMARY KEY (hour_ms, upstream, upstream_model, currency)
) WITHOUT ROWID;
