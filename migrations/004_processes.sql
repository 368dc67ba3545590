-- The busiest processes of each VM, once a minute, for whoever asks what happened then.
--
-- The list is one value that is only ever read as a whole: ten processes as JSON text are 560 bytes
-- with the row and its index, as parallel arrays 680, and as jsonb 1,070.
-- For the rest see 003_samples.sql: the key begins with the VM, the manager makes the partitions.

-- Up Migration

CREATE TABLE process_snapshot (
  ts timestamptz NOT NULL,
  vm_key integer NOT NULL,
  -- [[pid, name, user, CPU in percent, KiB of memory, memory in percent], …], null for unknown.
  top json NOT NULL,
  PRIMARY KEY (vm_key, ts)
) PARTITION BY RANGE (ts);

-- Down Migration

DROP TABLE process_snapshot;
