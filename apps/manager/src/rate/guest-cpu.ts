/** How busy the guest's CPUs were between two samples, by the same rules as the agent's own view. */
import type { CpuSeconds, MissingReason, Reading, Sample } from '@innkeeper/protocol';
import { MAX_COUNT, percentOf, type RateProblem } from './counter-rate.ts';
import type { ElapsedProblem } from './elapsed.ts';
import { makePairing } from './pairing.ts';

export type GuestCpu = Pick<
  Reading,
  | 'cpu_usage_percent'
  | 'cpu_user_percent'
  | 'cpu_system_percent'
  | 'cpu_iowait_percent'
  | 'cpu_steal_percent'
  | 'cpu_count'
  | 'cores'
> & { readonly reason: MissingReason | null };

/** `guest` is part of `user`, and `guest_nice` of `nice`: adding them would count them twice. */
const sumOf = (seconds: CpuSeconds): number =>
  seconds.user +
  seconds.nice +
  seconds.system +
  seconds.idle +
  (seconds.iowait ?? 0) +
  (seconds.irq ?? 0) +
  (seconds.softirq ?? 0) +
  (seconds.steal ?? 0);

/** A mode that goes back a little (iowait does, on many kernels) counts as standing still. */
const grown = (before: number | null, now: number | null): number =>
  Math.max(0, (now ?? 0) - (before ?? 0));

interface Spent {
  readonly user: number;
  readonly system: number;
  readonly iowait: number;
  readonly steal: number;
  readonly busy: number;
  readonly total: number;
}

/** When the sum goes back the counters have started anew, and nothing can be said. */
const spentBetween = (before: CpuSeconds, now: CpuSeconds): Spent | RateProblem | 'clock_jump' => {
  const sumBefore = sumOf(before);
  const sumNow = sumOf(now);
  if (sumBefore > MAX_COUNT || sumNow > MAX_COUNT) return 'malformed';
  if (sumNow < sumBefore) return 'counter_reset';
  const user = grown(before.user, now.user) + grown(before.nice, now.nice);
  const system =
    grown(before.system, now.system) +
    grown(before.irq, now.irq) +
    grown(before.softirq, now.softirq);
  const iowait = grown(before.iowait, now.iowait);
  const steal = grown(before.steal, now.steal);
  // Stolen time is busy: a guest that is starved is not idle.
  const busy = user + system + steal;
  const total = busy + iowait + grown(before.idle, now.idle);
  // By its CPUs no time went by, and by its clock it did.
  return total > 0 ? { user, system, iowait, steal, busy, total } : 'clock_jump';
};

const usagePercent = (before: CpuSeconds | undefined, now: CpuSeconds): number | null => {
  if (before === undefined) return null;
  const spent = spentBetween(before, now);
  return typeof spent === 'string' ? null : percentOf(spent.busy, spent.total);
};

type Cpu = NonNullable<Sample['cpu']>;

const unknownCores = (cpu: Cpu): Reading['cores'] =>
  cpu.cores.map((core) => ({ cpu: core.cpu, usage_percent: null }));

const missing = (cpu: Cpu | null, reason: MissingReason): GuestCpu => ({
  reason,
  cpu_usage_percent: null,
  cpu_user_percent: null,
  cpu_system_percent: null,
  cpu_iowait_percent: null,
  cpu_steal_percent: null,
  cpu_count: cpu?.count ?? null,
  cores: cpu === null ? null : unknownCores(cpu),
});

export const guestCpu = (
  before: Cpu | null,
  now: Cpu | null,
  elapsed: number | ElapsedProblem | 'first_sample',
): GuestCpu => {
  if (now === null) return missing(null, 'not_reported');
  if (typeof elapsed === 'string') return missing(now, elapsed);
  if (before === null) return missing(now, 'first_sample');
  const spent = spentBetween(before.seconds, now.seconds);
  if (typeof spent === 'string') return missing(now, spent);
  const pair = makePairing(before.cores, (core) => core.cpu);
  return {
    reason: null,
    cpu_usage_percent: percentOf(spent.busy, spent.total),
    cpu_user_percent: percentOf(spent.user, spent.total),
    cpu_system_percent: percentOf(spent.system, spent.total),
    cpu_iowait_percent: percentOf(spent.iowait, spent.total),
    cpu_steal_percent:
      before.seconds.steal === null || now.seconds.steal === null
        ? null
        : percentOf(spent.steal, spent.total),
    cpu_count: now.count,
    cores: now.cores.map((core, index) => ({
      cpu: core.cpu,
      usage_percent: usagePercent(pair(core.cpu, index)?.seconds, core.seconds),
    })),
  };
};
