/**
 * A VM's state from two signals: does its agent answer, and does its host see its VMM. The guest's
 * agent wins while it answers. It is given up after two failures in a row, or two and a half
 * intervals without an answer, and taken back after two answers in a row, between which rates exist;
 * the very first answer counts at once.
 */
import type { Origin, VmState } from '@innkeeper/protocol';
import type { HostObservation } from '../hosts/host-observation.ts';
import type { PullFailure } from '../pull/pull-result.ts';
import { holdMs, nextHostSignal, NO_HOST_SIGNAL, type HostSignal } from './host-signal.ts';

export type GuestSignal =
  | { readonly kind: 'good' }
  | { readonly kind: 'failed'; readonly failure: PullFailure }
  /** Backing off, or the pull before is still under way. */
  | { readonly kind: 'not_asked' };

export interface Signals {
  readonly state: VmState;
  readonly origin: Origin;
  /** The last failure; undefined while the guest is the origin. */
  readonly failure: PullFailure | undefined;
  /** False in the first moment, in which a failure says little: no event is made of it. */
  readonly isSettled: boolean;
  readonly guest: {
    /** Its values are the ones to show. */
    readonly isOrigin: boolean;
    readonly everGood: boolean;
    readonly goodStreak: number;
    readonly failureStreak: number;
    readonly lastGoodMs: number | undefined;
  };
  readonly host: HostSignal;
  /** Anything was ever heard, from the guest or a host, also before a restart of the manager. */
  readonly everHeard: boolean;
  readonly firstTurnMs: number | undefined;
}

const UNHEARD_GUEST: Signals['guest'] = {
  isOrigin: false,
  everGood: false,
  goodStreak: 0,
  failureStreak: 0,
  lastGoodMs: undefined,
};

const FAILURES_TO_LEAVE = 2;
const ANSWERS_TO_RETURN = 2;

export const firstSignals = (everHeard: boolean): Signals => ({
  state: everHeard ? 'stale' : 'unknown',
  origin: 'none',
  failure: undefined,
  isSettled: false,
  guest: UNHEARD_GUEST,
  host: NO_HOST_SIGNAL,
  everHeard,
  firstTurnMs: undefined,
});

const nextGuest = (
  before: Signals['guest'],
  signal: GuestSignal,
  nowMs: number,
  intervalMs: number,
): Signals['guest'] => {
  if (signal.kind === 'good') {
    const goodStreak = before.goodStreak + 1;
    return {
      isOrigin: before.isOrigin || !before.everGood || goodStreak >= ANSWERS_TO_RETURN,
      everGood: true,
      goodStreak,
      failureStreak: 0,
      lastGoodMs: nowMs,
    };
  }
  const isFailure = signal.kind === 'failed';
  const failureStreak = before.failureStreak + (isFailure ? 1 : 0);
  const isSilent =
    before.lastGoodMs === undefined || nowMs - before.lastGoodMs > holdMs(intervalMs);
  return {
    isOrigin: before.isOrigin && failureStreak < FAILURES_TO_LEAVE && !isSilent,
    everGood: before.everGood,
    goodStreak: isFailure || isSilent ? 0 : before.goodStreak,
    failureStreak,
    lastGoodMs: before.lastGoodMs,
  };
};

const verdict = (
  guestIsOrigin: boolean,
  host: HostSignal,
  everHeard: boolean,
): Pick<Signals, 'state' | 'origin'> => {
  if (guestIsOrigin) return { state: 'up', origin: 'guest' };
  switch (host.word) {
    case 'alive':
      return { state: 'degraded', origin: 'host' };
    case 'gone':
      return { state: 'down', origin: 'none' };
    case 'nothing':
      return { state: everHeard ? 'stale' : 'unknown', origin: 'none' };
    default: {
      const never: never = host.word;
      return never;
    }
  }
};

/** The agent may be another one now: of what the old one said nothing counts any more. */
export const withoutGuest = (signals: Signals): Signals => ({
  ...signals,
  ...verdict(false, signals.host, signals.everHeard),
  failure: undefined,
  guest: UNHEARD_GUEST,
});

export const withoutHost = (signals: Signals): Signals => ({
  ...signals,
  ...verdict(signals.guest.isOrigin, NO_HOST_SIGNAL, signals.everHeard),
  host: NO_HOST_SIGNAL,
});

export const nextSignals = (
  before: Signals,
  guestSignal: GuestSignal,
  observation: HostObservation,
  nowMs: number,
  intervalMs: number,
): Signals => {
  const guest = nextGuest(before.guest, guestSignal, nowMs, intervalMs);
  const host = nextHostSignal(before.host, observation, nowMs, intervalMs);
  const everHeard = before.everHeard || guest.everGood || host.word !== 'nothing';
  const firstTurnMs = before.firstTurnMs ?? nowMs;
  const lastFailure = guestSignal.kind === 'failed' ? guestSignal.failure : before.failure;
  const { state, origin } = verdict(guest.isOrigin, host, everHeard);
  return {
    state,
    origin,
    failure: guestSignal.kind === 'good' && guest.isOrigin ? undefined : lastFailure,
    isSettled:
      guest.isOrigin ||
      guest.failureStreak >= FAILURES_TO_LEAVE ||
      nowMs - firstTurnMs > holdMs(intervalMs),
    guest,
    host,
    everHeard,
    firstTurnMs,
  };
};
