-- Guests without a network: the socket on this machine at which a VM's agent is reached.

-- Up Migration

ALTER TABLE vm ADD COLUMN agent_socket jsonb CHECK (jsonb_typeof(agent_socket) = 'object');

-- One socket leads to one VM.
CREATE UNIQUE INDEX vm_agent_socket ON vm ((agent_socket ->> 'path')) WHERE agent_socket IS NOT NULL;

-- Down Migration

DROP INDEX vm_agent_socket;
ALTER TABLE vm DROP COLUMN agent_socket;
