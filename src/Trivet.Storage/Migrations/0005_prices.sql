-- Which price an attempt was booked at, and the list price beside what the upstream bills. Common to both engines. Empty: not known then.
ALTER TABLE attempts ADD COLUMN price_version TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN price_factor_millionths BIGINT;
ALTER TABLE attempts ADD COLUMN list_nano BIGINT;
ALTER TABLE attempts ADD COLUMN list_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN unpriced_meters TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN service_tier TEXT NOT NULL DEFAULT '';

-- Of attempts with a list price in the currency of their cost: how many, and its sum.
ALTER TABLE usage_hourly ADD COLUMN listed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_hourly ADD COLUMN list_nano BIGINT NOT NULL DEFAULT 0;
