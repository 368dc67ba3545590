-- Hypervisors, their VMs, and what happened to those.

-- Up Migration

CREATE TABLE host (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL UNIQUE,
  -- An address, not a network: two masks would make two of it for the unique index.
  address inet NOT NULL CHECK (address = host(address)::inet),
  agent_port integer NOT NULL CHECK (agent_port BETWEEN 1 AND 65535),
  -- The vm_id that the host's agent is configured with.
  agent_id text NOT NULL,
  labels jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(labels) = 'object'),
  is_local boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX host_local ON host (is_local) WHERE is_local;
CREATE UNIQUE INDEX host_address ON host (address, agent_port);

CREATE TABLE vm (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- Names the VM in the metrics tables, where 12 bytes less count twice. Never used again.
  key integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  name text NOT NULL UNIQUE,
  guest_ip inet CHECK (guest_ip = host(guest_ip)::inet),
  agent_port integer NOT NULL DEFAULT 8080 CHECK (agent_port BETWEEN 1 AND 65535),
  host_id uuid REFERENCES host ON DELETE SET NULL,
  vmm jsonb CHECK (jsonb_typeof(vmm) = 'object'),
  labels jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(labels) = 'object'),
  enrolled_at timestamptz,
  is_local boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX vm_local ON vm (is_local) WHERE is_local;
-- One address and port answers for one VM; with DHCP the next one takes it over on purpose.
CREATE UNIQUE INDEX vm_guest_address ON vm (guest_ip, agent_port) WHERE guest_ip IS NOT NULL;
CREATE INDEX vm_host ON vm (host_id) WHERE host_id IS NOT NULL;

CREATE TABLE vm_event (
  id bigint GENERATED ALWAYS AS IDENTITY,
  vm_key integer NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(detail) = 'object'),
  PRIMARY KEY (vm_key, id)
);

CREATE INDEX vm_event_at ON vm_event (vm_key, at);
CREATE INDEX vm_event_age ON vm_event USING brin (at);

-- The last that was known, for the time after a restart of the manager.
CREATE TABLE vm_latest (
  vm_key integer PRIMARY KEY,
  taken_at timestamptz NOT NULL,
  agent_seen_at timestamptz,
  boot_id text,
  state text NOT NULL,
  origin text NOT NULL
) WITH (fillfactor = 50);

-- Down Migration

DROP TABLE vm_latest;
DROP TABLE vm_event;
DROP TABLE vm;
DROP TABLE host;
