/** A guest as two samples of its agent show it: rates from both, gauges from the newer one. */
import type { Sample } from '@innkeeper/protocol';
import { guestElapsed, type ElapsedProblem } from './elapsed.ts';
import { guestCpu, type GuestCpu } from './guest-cpu.ts';
import { guestDisk, type GuestDisk } from './guest-disk.ts';
import { guestMemory, type GuestMemory } from './guest-memory.ts';
import { guestNetwork, type GuestNetwork } from './guest-network.ts';
import { guestSystem, type GuestSystem } from './guest-system.ts';
import type { Timed } from './timed.ts';

/** Each of the four parts has values, or its `reason` says why not. */
export interface GuestView {
  readonly cpu: GuestCpu;
  readonly memory: GuestMemory;
  readonly network: GuestNetwork;
  readonly disk: GuestDisk;
  readonly system: GuestSystem;
}

/** What of a sample the next one is compared to: no more is kept until then. */
export type Baseline = Pick<
  Sample,
  'boot_id' | 'taken_at' | 'uptime_seconds' | 'cpu' | 'disks' | 'networks'
>;

export const baselineOf = (sample: Timed<Sample>): Timed<Baseline> => {
  const { boot_id, taken_at, uptime_seconds, cpu, disks, networks } = sample.value;
  return {
    value: { boot_id, taken_at, uptime_seconds, cpu, disks, networks },
    seconds: sample.seconds,
    receivedAt: sample.receivedAt,
    receivedMonotonicMs: sample.receivedMonotonicMs,
  };
};

const viewOf = (
  before: Baseline | undefined,
  now: Sample,
  elapsed: number | ElapsedProblem | 'first_sample',
): GuestView => ({
  cpu: guestCpu(before?.cpu ?? null, now.cpu, elapsed),
  memory: guestMemory(now.memory),
  network: guestNetwork(before?.networks ?? null, now.networks, elapsed),
  disk: guestDisk(before?.disks ?? null, now.disks, elapsed),
  system: guestSystem(now),
});

/** `too_soon`: the sample before and what came of it stay the ones to use. */
export const guestRates = (
  before: Timed<Baseline> | undefined,
  now: Timed<Sample>,
  intervalMs: number,
): GuestView | 'too_soon' => {
  if (before === undefined) return viewOf(undefined, now.value, 'first_sample');
  const elapsed = guestElapsed(before, now, intervalMs);
  return elapsed === 'too_soon' ? elapsed : viewOf(before.value, now.value, elapsed);
};
