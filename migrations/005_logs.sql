-- Log lines that outlive the guest: what is kept of which VM, how far each was read, and the lines.
-- For the rest see 003_samples.sql: the key begins with the VM, the manager makes the partitions.

-- Up Migration

-- The first one that fits a VM holds for it. An empty table: the default of the manager.
CREATE TABLE log_policy (
  position integer PRIMARY KEY,
  -- A label selector; null: every VM.
  selector text,
  -- No reference: it does no harm when the VM is gone.
  vm_id uuid,
  keep text NOT NULL CHECK (keep IN ('nothing', 'error', 'warn', 'info', 'debug')),
  last_words boolean NOT NULL
);

-- No reference to vm: this outlives it, as the lines do.
CREATE TABLE log_vm (
  vm_key integer PRIMARY KEY,
  vm_id uuid NOT NULL,
  -- What it is called, or was when it was last registered.
  name text NOT NULL,
  -- The agent's names of the last line that was looked at, whether or not it was kept, and of one
  -- some seconds before it, behind which the stream is opened again.
  cursor text,
  resume_after text,
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE SEQUENCE kept_log_id;

CREATE TABLE kept_log (
  -- The order of the lines: what the guest says, or where that cannot be, when the manager got it.
  ts timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  guest_ts timestamptz,
  -- The order of lines of one millisecond.
  id bigint NOT NULL DEFAULT nextval('kept_log_id'),
  -- Of source and cursor: 8 bytes tell the lines of one VM and millisecond apart.
  line_hash bigint NOT NULL,
  vm_key integer NOT NULL,
  pid integer,
  cut_bytes integer,
  -- 0: trace, 1: debug, 2: info, 3: warn, 4: error.
  level smallint NOT NULL,
  -- 0: stdout, 1: stderr.
  stream smallint,
  -- 0: its level, 1: the last words.
  kept_for smallint NOT NULL,
  target text NOT NULL,
  message text NOT NULL,
  cursor text NOT NULL,
  -- Null: whatever the machine has.
  source text,
  -- Only ever read as a whole, so not jsonb.
  fields json NOT NULL,
  -- A line that is sent again has the same time and hash, and is not kept twice.
  PRIMARY KEY (vm_key, ts, line_hash)
) PARTITION BY RANGE (ts);

-- The fleet in the order of time, and its histogram, without a look at the rows.
CREATE INDEX kept_log_ts ON kept_log (ts, id) INCLUDE (level, vm_key);

-- Down Migration

DROP TABLE kept_log;
DROP SEQUENCE kept_log_id;
DROP TABLE log_vm;
DROP TABLE log_policy;
