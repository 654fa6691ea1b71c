-- What keys were billed, in the sums by hour. Common to both engines. What was billed in another currency than it cost stands in a row of that currency.
ALTER TABLE usage_hourly ADD COLUMN charged_nano BIGINT NOT NULL DEFAULT 0;

INSERT INTO usage_hourly (
    organisation, hour_ms, team, key_id, route, upstream, upstream_model, currency, attempts, failed, estimated, unpriced, input_uncached_tokens, input_cache_read_tokens,
    input_cache_write5m_tokens, input_cache_write1h_tokens, output_text_tokens, output_reasoning_tokens, cost_nano, charged_nano)
SELECT organisation, started_ms - started_ms % 3600000, team, key_id, route, upstream, upstream_model, charge_currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, CAST(SUM(charged_nano) AS BIGINT)
FROM attempts WHERE charged_nano > 0
GROUP BY organisation, started_ms - started_ms % 3600000, team, key_id, route, upstream, upstream_model, charge_currency
ON CONFLICT (organisation, hour_ms, team, key_id, route, upstream, upstream_model, currency) DO UPDATE SET charged_nano = excluded.charged_nano;
