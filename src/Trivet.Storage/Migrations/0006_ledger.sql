-- The ledger (docs/ledger.md). Common to both engines: TEXT and BIGINT only; money is nano-units of one currency.

-- What transfers come to. The currency is the last part of the id.
CREATE TABLE accounts (
    id           TEXT   NOT NULL PRIMARY KEY,
    debits_nano  BIGINT NOT NULL,
    credits_nano BIGINT NOT NULL
);

-- What may be spent: a budget in one window, or a prepaid balance (its id is then that of the account).
-- spent_nano + leased_nano <= limit_nano, whatever nodes do.
CREATE TABLE allowances (
    id          TEXT   NOT NULL PRIMARY KEY,
    limit_nano  BIGINT NOT NULL,
    spent_nano  BIGINT NOT NULL,
    leased_nano BIGINT NOT NULL,
    ends_ms     BIGINT NOT NULL                 -- end of the window; 0: none
);

-- What nodes have set aside of an allowance and not yet spent.
CREATE TABLE leases (
    allowance      TEXT   NOT NULL,
    holder         TEXT   NOT NULL,             -- node.start
    remaining_nano BIGINT NOT NULL,
    expires_ms     BIGINT NOT NULL,
    PRIMARY KEY (allowance, holder)
);

CREATE INDEX leases_by_holder ON leases (holder);

-- What organisations and teams (team is empty for the organisation itself) may do and what they are billed.
CREATE TABLE owners (
    organisation        TEXT   NOT NULL,
    team                TEXT   NOT NULL,
    budgets             TEXT   NOT NULL,        -- like 1.00USD/day,20.00USD/month
    requests_per_minute BIGINT,
    tokens_per_minute   BIGINT,
    concurrent_max      BIGINT,
    allowed_models      TEXT,                   -- JSON array of patterns; null allows all
    pricing             TEXT   NOT NULL,        -- cost, list, free; empty for a team: its organisation's
    margin_millionths   BIGINT NOT NULL,
    prepaid_currency    TEXT   NOT NULL,        -- empty: on credit, or its organisation pays
    PRIMARY KEY (organisation, team)
);

ALTER TABLE keys ADD COLUMN concurrent_max BIGINT;

-- What the key was billed, beside what the attempt cost.
ALTER TABLE attempts ADD COLUMN charged_nano BIGINT;                        -- null: unpriced
ALTER TABLE attempts ADD COLUMN charge_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN absorbed_nano BIGINT NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN recovered BIGINT NOT NULL DEFAULT 0;        -- it was running when its process was killed
