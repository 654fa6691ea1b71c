-- Output items of kept responses by their ids: clients may name an item instead of sending it (item_reference).
CREATE TABLE response_items (
    organisation TEXT   NOT NULL,
    key_id       TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    response_id  TEXT   NOT NULL,
    expires_ms   BIGINT NOT NULL,
    PRIMARY KEY (organisation, key_id, id)
);

CREATE INDEX response_items_by_expiry ON response_items (expires_ms);
CREATE INDEX response_items_by_response ON response_items (organisation, key_id, response_id);
