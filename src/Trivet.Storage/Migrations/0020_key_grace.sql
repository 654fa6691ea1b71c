-- The secret that a key had before it was rotated, and until when it works too; empty: none does. Common to both engines.
ALTER TABLE keys ADD COLUMN old_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN old_until_ms BIGINT;
