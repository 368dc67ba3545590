-- Commands that go on past their timeout, until somebody says what becomes of them.

-- Up Migration

-- When it is asked; null: never, since the agent ends the command at its timeout.
ALTER TABLE run ADD COLUMN ask_after_seconds float8 CHECK (ask_after_seconds > 0);
-- It runs for longer than it should since then, and nobody has answered.
ALTER TABLE execution ADD COLUMN overdue_since timestamptz;
ALTER TABLE execution ADD COLUMN extended_until timestamptz;
-- It is not asked any more.
ALTER TABLE execution ADD COLUMN left_at timestamptz;

-- Down Migration

ALTER TABLE execution DROP COLUMN left_at;
ALTER TABLE execution DROP COLUMN extended_until;
ALTER TABLE execution DROP COLUMN overdue_since;
ALTER TABLE run DROP COLUMN ask_after_seconds;
