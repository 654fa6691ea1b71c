-- What people set in the console beside upstreams: policies, routes and how audits are made, as the configuration file would say them; one of the same name in the file wins. And addresses under which
-- the journal's feed is read without signing in. Common to both engines.

CREATE TABLE console_rules (
    kind          TEXT   NOT NULL,              -- policy, route, audits
    name          TEXT   NOT NULL,
    definition    TEXT   NOT NULL,              -- as in the configuration file, without its name
    set_by        TEXT   NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

INSERT INTO versions (name, version) VALUES ('console_rules', 0);

CREATE TABLE feed_tokens (
    hash          TEXT   NOT NULL PRIMARY KEY,  -- SHA-256 of the token, hex
    user_id       TEXT   NOT NULL UNIQUE,       -- one each: a new one takes the place of the old
    created_at_ms BIGINT NOT NULL
);
