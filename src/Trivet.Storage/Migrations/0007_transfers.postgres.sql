-- Movements of money: never changed, never deleted.
CREATE TABLE transfers (
    organisation  TEXT   NOT NULL,
    at_ms         BIGINT NOT NULL,
    id            TEXT   NOT NULL,
    request_id    TEXT   NOT NULL,                -- empty: made by a person
    kind          TEXT   NOT NULL,
    debit         TEXT   NOT NULL,
    credit        TEXT   NOT NULL,
    amount_nano   BIGINT NOT NULL,
    linked_id     TEXT   NOT NULL,
    price_version TEXT   NOT NULL,
    rate_nano     BIGINT,                         -- units of the other currency for one of this, where two meet
    note          TEXT   NOT NULL,
    PRIMARY KEY (organisation, at_ms, id)
) PARTITION BY RANGE (at_ms);
