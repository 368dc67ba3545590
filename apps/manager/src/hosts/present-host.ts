/** A host as the API tells it. */
import type { Host, HostAgent, HostStatus } from '@innkeeper/protocol';
import type { HostRecord } from './host-record.ts';

export const presentHost = (
  host: HostRecord,
  status: HostStatus,
  agent: HostAgent | undefined,
): Host => ({
  id: host.id,
  name: host.name,
  address: host.address,
  agent_port: host.agentPort,
  agent_id: host.agentId,
  labels: host.labels,
  tls_pin: host.tlsPin ?? null,
  is_local: host.isLocal,
  created_at: host.createdAt,
  updated_at: host.updatedAt,
  agent: agent ?? null,
  status,
});
