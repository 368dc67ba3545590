-- Commands in guests: what was asked, what came of it, and its output.
--
-- A run and its executions are written before anything is sent, so a manager that is killed finds
-- them again. Nothing here refers to `vm`: what was done stays known when a VM is gone.
-- `key` names a row in `run_event`, of which there may be many.

-- Up Migration

CREATE TABLE command (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL UNIQUE,
  run_by text NOT NULL CHECK (run_by IN ('operator', 'admin')),
  -- The rest of it, as the API has it.
  definition json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE run (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  name text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'paused', 'stopping', 'stopped', 'finished')),
  reason text CHECK (reason IN ('requested', 'canary_failed', 'max_failures')),
  -- The body for the agents, without the id. As bytes: it may be a megabyte, and of any text.
  request bytea NOT NULL,
  command_id uuid,
  retry_of uuid,
  selector text,
  concurrency integer NOT NULL CHECK (concurrency > 0),
  canary integer CHECK (canary > 0),
  max_failures integer CHECK (max_failures > 0),
  -- Until when an agent that does not answer is waited for; null: not at all.
  wait_until timestamptz,
  actor_kind text NOT NULL CHECK (actor_kind IN ('token', 'session', 'system')),
  actor_id uuid,
  actor_name text NOT NULL,
  remote_address text,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);

CREATE INDEX run_unfinished ON run (key) WHERE ended_at IS NULL;

CREATE TABLE execution (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The agent's idempotency key.
  id uuid NOT NULL UNIQUE,
  run_key bigint NOT NULL REFERENCES run ON DELETE CASCADE,
  position integer NOT NULL,
  vm_id uuid NOT NULL,
  vm_name text NOT NULL,
  state text NOT NULL CHECK (state IN
    ('queued', 'starting', 'running', 'exited', 'refused', 'unreachable', 'cancelled', 'lost')),
  -- Of the token that it was sent with: the same token is made again, and counts once.
  sends integer NOT NULL DEFAULT 0,
  signed_at bigint,
  started_at timestamptz,
  ended_at timestamptz,
  stop_requested_at timestamptz,
  exit_code integer,
  signal text,
  timed_out boolean NOT NULL DEFAULT false,
  duration_seconds float8,
  -- All events of the agent up to this one are in run_event.
  last_event_id bigint NOT NULL DEFAULT 0,
  output_bytes bigint NOT NULL DEFAULT 0,
  dropped_bytes bigint NOT NULL DEFAULT 0,
  stored_bytes bigint NOT NULL DEFAULT 0,
  progress jsonb,
  problem_code text,
  problem_message text,
  -- Of its output without what looks like a time; null: not known yet.
  output_digest bytea,
  UNIQUE (run_key, position)
) WITH (fillfactor = 70);

CREATE INDEX execution_vm ON execution (vm_id, run_key);

CREATE TABLE run_event (
  run_key bigint NOT NULL REFERENCES run ON DELETE CASCADE,
  seq bigint NOT NULL,
  -- Null: about the run itself.
  execution_key bigint,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  -- Output as UTF-8, which as bytes may have NULs in it; all else as JSON.
  data bytea NOT NULL,
  PRIMARY KEY (run_key, seq)
);

CREATE INDEX run_event_execution ON run_event (execution_key, seq) WHERE execution_key IS NOT NULL;

-- Down Migration

DROP TABLE run_event;
DROP TABLE execution;
DROP TABLE run;
DROP TABLE command;
