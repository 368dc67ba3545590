-- Updates of agents: what was asked for, and how far each VM is.

-- Up Migration

CREATE TABLE agent_update (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  version text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'paused', 'stopping', 'stopped', 'finished')),
  reason text CHECK (reason IN ('requested', 'canary_failed', 'max_failures')),
  selector text,
  concurrency int NOT NULL CHECK (concurrency > 0),
  -- The first so many steps come before the others.
  canary int CHECK (canary > 0),
  max_failures int CHECK (max_failures > 0),
  allow_downgrade boolean NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('token', 'session', 'system')),
  actor_name text NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);

CREATE INDEX agent_update_unfinished ON agent_update (key) WHERE ended_at IS NULL;

CREATE TABLE agent_update_step (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The agent knows its update by it.
  id uuid NOT NULL UNIQUE,
  update_key bigint NOT NULL REFERENCES agent_update ON DELETE CASCADE,
  position int NOT NULL,
  -- No reference: it stays when the VM is deleted.
  vm_id uuid NOT NULL,
  vm_name text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'downloading', 'swapping', 'checking', 'done',
    'rolled_back', 'failed', 'cancelled')),
  from_version text,
  artefact text,
  -- Of what it is to become, as it was ordered.
  sha256 text,
  started_at timestamptz,
  ended_at timestamptz,
  problem_code text,
  problem_message text,
  UNIQUE (update_key, position)
);

CREATE INDEX agent_update_step_vm ON agent_update_step (vm_id, key);

-- Down Migration

DROP TABLE agent_update_step;
DROP TABLE agent_update;
