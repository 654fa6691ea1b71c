-- The policy that decides a key's requests, by name; empty: their routes'. Common to both engines.
ALTER TABLE keys ADD COLUMN policy TEXT NOT NULL DEFAULT '';
