/** A VMM that its host sees. */
import type { HostObservation } from '../hosts/host-observation.ts';

export type SeenVmm = Extract<HostObservation, { kind: 'seen' }>;

/** A pid is used again, so only with the start time, the host and its boot is it one process. */
export const isSameVmm = (one: SeenVmm, other: SeenVmm): boolean =>
  one.hostId === other.hostId &&
  one.hostBootId === other.hostBootId &&
  one.vmm.pid === other.vmm.pid &&
  one.vmm.start_ticks === other.vmm.start_ticks;
