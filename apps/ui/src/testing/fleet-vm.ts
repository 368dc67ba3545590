/** A VM of the fleet for tests: idle, well, and with nothing that a test does not say. */
import type { FleetMember } from '@innkeeper/protocol';
import type { FleetRow } from '@innkeeper/protocol/fleet-frame';
import type { FleetVm } from '../state/fleet-entries.ts';
import { makeTrail } from '../state/trail.ts';

const idleRow: FleetRow = {
  key: 1,
  state: 'up',
  origin: 'guest',
  reason: null,
  ageMs: 100,
  cpuUsagePercent: 5,
  memoryUsagePercent: 30,
  networkRxBytesPerSecond: 0,
  networkTxBytesPerSecond: 0,
  diskReadBytesPerSecond: 0,
  diskWriteBytesPerSecond: 0,
  uptimeSeconds: 3600,
  memoryTotalBytes: 1024 ** 3,
  cpuCount: 1,
};

export const makeFleetVm = (
  name: string,
  row: Partial<FleetRow> | undefined = {},
  member: Partial<FleetMember> = {},
): FleetVm => {
  const key = member.key ?? 1;
  return {
    member: {
      key,
      id: `id-of-${name}`,
      name,
      host_id: null,
      guest_ip: null,
      is_local: false,
      labels: {},
      agent_version: null,
      agent_update: null,
      ...member,
    },
    row: { ...idleRow, key, ...row },
    cpu: makeTrail(1),
    memory: makeTrail(1),
  };
};
