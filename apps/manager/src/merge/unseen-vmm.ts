/** What is known of a VM from a host that does not show it. */
import type { HostView, MissingReason } from '@innkeeper/protocol';
import type { HostObservation } from '../hosts/host-observation.ts';

type Unseen = Exclude<HostObservation, { kind: 'seen' }>;

const viewWithout = (
  hostId: string,
  takenAt: number,
  vmmState: HostView['vmm_state'],
  reason: MissingReason,
): HostView => ({
  host_id: hostId,
  taken_at: takenAt,
  vmm_state: vmmState,
  qmp_status: null,
  kind: null,
  pid: null,
  started_at: null,
  cpu_usage_percent: null,
  vcpu_count: null,
  process_cpus: null,
  memory_usage_percent: null,
  memory_rss_bytes: null,
  memory_pss_bytes: null,
  memory_configured_bytes: null,
  network_rx_bytes_per_second: null,
  network_tx_bytes_per_second: null,
  disk_read_bytes_per_second: null,
  disk_write_bytes_per_second: null,
  origins: { cpu: null, memory: null, network: null, disk: null },
  reasons: { cpu: reason, memory: reason, network: reason, disk: reason },
});

/** Null where no host has been asked. */
export const unseenVmm = (observation: Unseen, now: number): HostView | null => {
  switch (observation.kind) {
    case 'no_host':
    case 'pending':
      return null;
    case 'unreachable':
      return viewWithout(observation.hostId, now, 'unknown', 'host_unreachable');
    case 'no_vmm':
      return viewWithout(
        observation.hostId,
        observation.takenAt,
        observation.seenBefore ? 'gone' : 'unknown',
        'no_vmm',
      );
    case 'ambiguous':
      return viewWithout(observation.hostId, observation.takenAt, 'unknown', 'ambiguous_vmm');
    default: {
      const never: never = observation;
      return never;
    }
  }
};
