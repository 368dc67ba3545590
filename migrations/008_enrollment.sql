-- How agents come to belong to this manager: tokens to be used once, and the keys that agents made.

-- Up Migration

CREATE TABLE enrollment_token (
  -- The part of it that is no secret.
  id text PRIMARY KEY,
  -- SHA-256 of the whole.
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  vm_id uuid REFERENCES vm ON DELETE CASCADE,
  host_id uuid REFERENCES host ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- By somebody, or by a newer one.
  revoked_at timestamptz,
  downloaded_at timestamptz,
  used_at timestamptz,
  -- The public key that was enrolled with it.
  used_by bytea CHECK (octet_length(used_by) = 32),
  CHECK ((vm_id IS NULL) <> (host_id IS NULL)),
  CHECK ((used_at IS NULL) = (used_by IS NULL))
);

CREATE INDEX enrollment_token_vm ON enrollment_token (vm_id, created_at);
CREATE INDEX enrollment_token_host ON enrollment_token (host_id, created_at);

CREATE TABLE agent_identity (
  -- What the agent calls itself, its `vm_id`: the id of the VM, or the agent_id of the host.
  agent_id text PRIMARY KEY,
  vm_id uuid UNIQUE REFERENCES vm ON DELETE CASCADE,
  host_id uuid UNIQUE REFERENCES host ON DELETE CASCADE,
  public_key bytea NOT NULL CONSTRAINT agent_identity_key UNIQUE CHECK (octet_length(public_key) = 32),
  -- Of the last message that counted.
  counter bigint NOT NULL,
  -- What the agent says of its machine, as in the protocol.
  facts jsonb NOT NULL CHECK (jsonb_typeof(facts) = 'object'),
  remote_address text,
  enrolled_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  first_reading_at timestamptz,
  -- Another machine with this key: what it said of itself, and when.
  clone jsonb CHECK (jsonb_typeof(clone) = 'object'),
  -- The keys of the manager that it knew when it was heard last, in base64url.
  manager_keys jsonb NOT NULL CHECK (jsonb_typeof(manager_keys) = 'array'),
  CHECK ((vm_id IS NULL) <> (host_id IS NULL))
);

-- Down Migration

DROP TABLE agent_identity;
DROP TABLE enrollment_token;
