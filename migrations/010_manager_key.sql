-- A key of the manager that agents are told of before it signs.

-- Up Migration

-- Null: it signs nothing yet. Of those that are there already, the newest goes on signing.
ALTER TABLE manager_key ADD COLUMN IF NOT EXISTS signs_from timestamptz DEFAULT now();

-- Down Migration

DELETE FROM manager_key WHERE signs_from IS NULL;
ALTER TABLE manager_key DROP COLUMN signs_from;
