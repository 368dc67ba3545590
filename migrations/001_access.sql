-- Who may use the manager, what they changed, and the key by which guests know it.

-- Up Migration

CREATE TABLE manager_key (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- PKCS #8 and the raw 32 bytes of the public half, both Ed25519.
  private_key bytea NOT NULL,
  public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz
);

CREATE TABLE token (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  -- SHA-256 of the secret, which has 256 bits itself: a slow hash would add nothing.
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  -- A label selector; null: every VM.
  scope text,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz
);

CREATE TABLE session (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  csrf_token text NOT NULL,
  -- The token that it was opened with, and goes with; null: a sign-in link.
  token_id uuid REFERENCES token ON DELETE CASCADE,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  scope text,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL DEFAULT now()
);

-- Looked for when a token is deleted.
CREATE INDEX session_token ON session (token_id) WHERE token_id IS NOT NULL;

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor_kind text NOT NULL CHECK (actor_kind IN ('token', 'session', 'system')),
  -- No reference: the row outlives the token.
  actor_id uuid,
  actor_name text NOT NULL,
  action text NOT NULL,
  target_kind text,
  target_id text,
  target_name text,
  detail jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(detail) = 'object'),
  request_id text,
  remote_address text
);

CREATE INDEX audit_target ON audit (target_kind, target_id, id);
CREATE INDEX audit_age ON audit USING brin (at);

-- Down Migration

DROP TABLE audit;
DROP TABLE session;
DROP TABLE token;
DROP TABLE manager_key;
