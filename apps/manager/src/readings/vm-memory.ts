/** What is remembered of one VM between its turns: as much as the next reading needs, and no more. */
import type { HostView, Origin, Reading, Sample, VmState } from '@innkeeper/protocol';
import type { HostObservation } from '../hosts/host-observation.ts';
import { trusted } from '../merge/host-signal.ts';
import { mergeReading } from '../merge/merge.ts';
import {
  firstSignals,
  nextSignals,
  withoutGuest,
  withoutHost,
  type GuestSignal,
  type Signals,
} from '../merge/state.ts';
import { unseenVmm } from '../merge/unseen-vmm.ts';
import type { PullFailure, Turn } from '../pull/pull-result.ts';
import { vmmRates, type VmmHistory } from '../rate/vmm-rates.ts';
import { makeAgentMemory } from './agent-memory.ts';
import { changeEvents, type Announced, type NewVmEvent } from './vm-events.ts';

/** What table `vm_latest` has kept over a restart of the manager. */
export interface Remembered {
  readonly agentSeenAt: number | undefined;
  readonly bootId: string | undefined;
  readonly state: VmState;
  readonly origin: Origin;
}

export interface Now {
  /** Unix time, and the clock that never jumps. */
  readonly at: number;
  readonly monotonicMs: number;
}

export interface TurnOutcome {
  readonly reading: Reading;
  readonly events: readonly NewVmEvent[];
}

export interface VmMemory {
  take(
    turn: Turn<Sample>,
    host: HostObservation,
    now: Now,
    clockOffsetMs: number | undefined,
  ): TurnOutcome;
  /** Before the first turn, and after its origin was forgotten, a reading without values. */
  latest(now: Now, hasAddress: boolean): Reading;
  state(): Announced;
  /** The address is another one, and perhaps the guest is too. */
  forgetGuest(): void;
  /** The host or the VMM is another one. */
  forgetHost(): void;
}

const NO_ADDRESS: PullFailure = { kind: 'no_guest_ip', message: 'the VM has no guest_ip' };

const NO_EVENTS: readonly NewVmEvent[] = [];
const GOOD: GuestSignal = { kind: 'good' };
const NOT_ASKED: GuestSignal = { kind: 'not_asked' };

const guestSignal = (turn: Turn<Sample>): GuestSignal => {
  if (turn.kind !== 'pulled') return NOT_ASKED;
  return turn.result.ok ? GOOD : { kind: 'failed', failure: turn.result.failure };
};

const arrivedFrom = ({ view, seen }: VmmHistory) => ({
  view,
  at: seen.takenAt,
  monotonicMs: seen.takenMonotonicMs,
});

interface LastReading {
  readonly reading: Reading;
  /** When its values arrived, by the clock that never jumps. */
  readonly monotonicMs: number;
}

export const makeVmMemory = (
  vmId: string,
  intervalMs: number,
  remembered: Remembered | undefined,
): VmMemory => {
  const agent = makeAgentMemory(intervalMs, remembered?.agentSeenAt, remembered?.bootId);
  let signals: Signals = firstSignals(remembered !== undefined && remembered.state !== 'unknown');
  let vmm: VmmHistory | undefined;
  let announced: Announced = remembered ?? { state: 'unknown', origin: 'none' };
  let last: LastReading | undefined;

  const hostShown = (observation: HostObservation, at: number): HostView | null => {
    // Alive, though the observation may be another: one answer without the VM is not believed yet.
    if (vmm !== undefined) return vmm.view;
    return observation.kind === 'seen' ? null : unseenVmm(observation, at);
  };

  const merged = (now: Now, of: Signals, host: HostView | null): Reading =>
    mergeReading({
      vmId,
      now: now.at,
      nowMonotonicMs: now.monotonicMs,
      signals: of,
      guest: agent.view(),
      seen: vmm === undefined ? undefined : arrivedFrom(vmm),
      host,
      facts: agent.facts(),
    });

  const changes = (reading: Reading, at: number): readonly NewVmEvent[] => {
    const events = signals.isSettled ? changeEvents(announced, reading, at) : NO_EVENTS;
    if (events.length > 0) announced = { state: reading.state, origin: reading.origin };
    return events;
  };

  return {
    take: (turn, host, now, clockOffsetMs) => {
      const observation = trusted(host, now.monotonicMs, intervalMs);
      let rebooted: NewVmEvent | undefined;
      if (turn.kind === 'pulled') rebooted = agent.take(turn.result, clockOffsetMs);
      else agent.skip(turn.kind === 'backing_off' ? now.at + turn.restMs : undefined);
      if (observation.kind === 'seen') vmm = vmmRates(vmm, observation, intervalMs);
      const signal = guestSignal(turn);
      signals = nextSignals(signals, signal, observation, now.monotonicMs, intervalMs);
      // No rate across a silence, and no memory for the samples of guests that are off.
      if (!signals.guest.isOrigin && signals.guest.goodStreak === 0) agent.forgetSamples();
      if (signals.host.word !== 'alive') vmm = undefined;
      const reading = merged(now, signals, hostShown(observation, now.at));
      last = { reading, monotonicMs: now.monotonicMs - reading.age_ms };
      const changed = changes(reading, now.at);
      return { reading, events: rebooted === undefined ? changed : [rebooted, ...changed] };
    },
    latest: (now, hasAddress) => {
      if (last === undefined) {
        const failure = hasAddress ? undefined : NO_ADDRESS;
        return merged(now, { ...firstSignals(signals.everHeard), failure }, null);
      }
      const ageMs = Math.max(0, Math.round(now.monotonicMs - last.monotonicMs));
      return ageMs === last.reading.age_ms ? last.reading : { ...last.reading, age_ms: ageMs };
    },
    state: () => last?.reading ?? firstSignals(signals.everHeard),
    forgetGuest: () => {
      agent.forgetGuest();
      signals = withoutGuest(signals);
      if (last?.reading.origin === 'guest') last = undefined;
    },
    forgetHost: () => {
      vmm = undefined;
      signals = withoutHost(signals);
      if (last?.reading.origin === 'host') last = undefined;
      else if (last !== undefined) last = { ...last, reading: { ...last.reading, host: null } };
    },
  };
};
