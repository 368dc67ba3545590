-- Provisioning: scripts that run when a VM enrols or has started anew, and what came of them.
--
-- All of it goes with its VM. Output and exit codes are also in `run`, which stays.

-- Up Migration

CREATE TABLE provisioning_script (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL UNIQUE,
  position integer NOT NULL,
  vm_id uuid REFERENCES vm ON DELETE CASCADE,
  selector text,
  -- The rest of it, as the API has it.
  definition json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((vm_id IS NULL) <> (selector IS NULL))
);

CREATE INDEX provisioning_script_order ON provisioning_script (position, name);

-- A VM that was seen with an agent that proved itself, and the last boot that was seen to.
CREATE TABLE provisioning_vm (
  vm_id uuid PRIMARY KEY REFERENCES vm ON DELETE CASCADE,
  boot_id text NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT now()
);

-- Scripts for the first boot that need not run on this VM any more.
CREATE TABLE provisioning_done (
  vm_id uuid NOT NULL REFERENCES vm ON DELETE CASCADE,
  script_key text NOT NULL,
  done_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (vm_id, script_key)
);

CREATE TABLE provisioning_round (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  vm_id uuid NOT NULL REFERENCES vm ON DELETE CASCADE,
  boot_id text NOT NULL,
  cause text NOT NULL CHECK (cause IN ('boot', 'request')),
  requested_by text,
  state text NOT NULL CHECK (state IN ('running', 'failed', 'finished', 'superseded')),
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);

CREATE INDEX provisioning_round_vm ON provisioning_round (vm_id, key);
-- Each boot is seen to once, and one thing at a time.
CREATE UNIQUE INDEX provisioning_round_boot ON provisioning_round (vm_id, boot_id)
  WHERE cause = 'boot';
CREATE UNIQUE INDEX provisioning_round_running ON provisioning_round (vm_id)
  WHERE state = 'running';

CREATE TABLE provisioning_step (
  round_key bigint NOT NULL REFERENCES provisioning_round ON DELETE CASCADE,
  position integer NOT NULL,
  source text NOT NULL CHECK (source IN ('manager', 'guest')),
  -- The script's id, or what the guest calls it.
  script_key text NOT NULL,
  name text NOT NULL,
  run_when text NOT NULL CHECK (run_when IN ('first_boot', 'every_boot')),
  -- Of a script of the guest: where it is, whether it runs by itself, and what it was.
  path text,
  is_executable boolean,
  sha256 text,
  state text NOT NULL CHECK (state IN
    ('waiting', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
  -- Somebody wants it to run although it was begun on this VM before.
  again boolean NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- Written in the transaction that makes the run: what is begun is known, and begun once.
  run_id uuid,
  execution_id uuid,
  exit_code integer,
  signal text,
  timed_out boolean NOT NULL DEFAULT false,
  started_at timestamptz,
  ended_at timestamptz,
  problem_code text,
  problem_message text,
  -- UTF-8, of which NULs were taken away.
  last_lines bytea,
  PRIMARY KEY (round_key, position)
);

CREATE INDEX provisioning_step_run ON provisioning_step (run_id) WHERE run_id IS NOT NULL;

-- Down Migration

DROP TABLE provisioning_step;
DROP TABLE provisioning_round;
DROP TABLE provisioning_done;
DROP TABLE provisioning_vm;
DROP TABLE provisioning_script;
