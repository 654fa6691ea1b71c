-- People of the console, and what they set there. Common to both engines. Tokens of links and cookies are stored as SHA-256, hex.

CREATE TABLE users (
    id             TEXT   NOT NULL PRIMARY KEY,
    name           TEXT   NOT NULL,
    folded_name    TEXT   NOT NULL UNIQUE,     -- lower case: what is unique
    password_hash  TEXT   NOT NULL,
    role           TEXT   NOT NULL,
    created_at_ms  BIGINT NOT NULL,
    disabled_at_ms BIGINT
);

CREATE TABLE user_invites (
    hash          TEXT   NOT NULL PRIMARY KEY,
    role          TEXT   NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    user_id       TEXT                          -- whose password it sets; null: it makes an account
);

CREATE TABLE user_sessions (
    hash          TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX user_sessions_by_user ON user_sessions (user_id);

-- Forms that were sent, so that sending one twice does its work once.
CREATE TABLE form_uses (
    token    TEXT   NOT NULL PRIMARY KEY,
    at_ms    BIGINT NOT NULL,
    location TEXT   NOT NULL                    -- where it led; empty while it is being done
);

CREATE INDEX form_uses_by_time ON form_uses (at_ms);

CREATE TABLE settings (
    name          TEXT   NOT NULL PRIMARY KEY,
    value         TEXT   NOT NULL,
    set_by        TEXT   NOT NULL,
    updated_at_ms BIGINT NOT NULL
);

-- Upstreams that people made or changed in the console; one of the same name in the file wins.
CREATE TABLE console_upstreams (
    name          TEXT   NOT NULL PRIMARY KEY,
    definition    TEXT   NOT NULL,              -- as in the configuration file, without keys
    credentials   TEXT   NOT NULL,              -- JSON array of keys, each sealed and in base64; written, never shown
    is_disabled   BIGINT NOT NULL,
    set_by        TEXT   NOT NULL,
    updated_at_ms BIGINT NOT NULL
);

INSERT INTO versions (name, version) VALUES ('users', 0);
INSERT INTO versions (name, version) VALUES ('console_upstreams', 0);
