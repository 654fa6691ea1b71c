-- What conversations need that no client carries. Common to both engines: TEXT and BIGINT only. Rows go by themselves when they expire.

-- Answers with what must go back only to who gave it.
CREATE TABLE replay_turns (
    organisation TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    payload      TEXT   NOT NULL,               -- JSON
    expires_ms   BIGINT NOT NULL,
    PRIMARY KEY (organisation, id)
);

CREATE INDEX replay_turns_by_expiry ON replay_turns (expires_ms);

-- What leads to them: hashes over the key that asked and what its client will send back. Also who issued an opaque value (no turn then).
CREATE TABLE replay_keys (
    organisation TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    turn_id      TEXT   NOT NULL,
    call_ordinal BIGINT NOT NULL,
    origin       TEXT   NOT NULL,
    expires_ms   BIGINT NOT NULL,
    PRIMARY KEY (organisation, key)
);

CREATE INDEX replay_keys_by_expiry ON replay_keys (expires_ms);

-- Responses that clients of OpenAI's protocol may go on from (previous_response_id), as JSON.
CREATE TABLE responses (
    organisation TEXT   NOT NULL,
    key_id       TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    previous_id  TEXT   NOT NULL,               -- empty: the first of its conversation
    upstream     TEXT   NOT NULL,               -- whose id it is; empty: Trivet's own
    input        TEXT   NOT NULL,               -- the request's own items, an array
    body         TEXT   NOT NULL,               -- the answer
    created_ms   BIGINT NOT NULL,
    expires_ms   BIGINT NOT NULL,
    PRIMARY KEY (organisation, key_id, id)
);

CREATE INDEX responses_by_expiry ON responses (expires_ms);
