/** How busy a VM's vCPUs were, by the time that their threads ran on the host. */
import type { MissingReason, VmmProcess } from '@innkeeper/protocol';
import { counterRate, percentOf } from './counter-rate.ts';
import { makePairing } from './pairing.ts';

type Vcpus = VmmProcess['vcpus'];
type KnownVcpus = Extract<Vcpus, { ok: true }>;

/** While vCPUs come or go, those that were there both times: a new thread brings its whole past. */
const ofThoseInBoth = (
  before: KnownVcpus,
  now: KnownVcpus,
  seconds: number,
): number | MissingReason => {
  const pair = makePairing(before.vcpus, (entry) => entry.vcpu);
  let count = 0;
  let cpus = 0;
  now.vcpus.forEach((entry, index) => {
    const earlier = pair(entry.vcpu, index);
    if (earlier === undefined) return;
    const rate = counterRate(earlier.cpu_seconds_total, entry.cpu_seconds_total, seconds);
    if (typeof rate === 'string') return;
    count += 1;
    cpus += rate;
  });
  return percentOf(cpus, count) ?? 'counter_reset';
};

/** Without the threads the number of vCPUs is unknown, and so is any share of them. */
export const vmmCpuPercent = (
  before: Vcpus,
  now: Vcpus,
  seconds: number,
): number | MissingReason => {
  if (!now.ok) return now.reason;
  if (!before.ok) return 'first_sample';
  if (before.count !== now.count) return ofThoseInBoth(before, now, seconds);
  const cpus = counterRate(before.cpu_seconds_total, now.cpu_seconds_total, seconds);
  return typeof cpus === 'string' ? cpus : (percentOf(cpus, now.count) ?? 'malformed');
};
