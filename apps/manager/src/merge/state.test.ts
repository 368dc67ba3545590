import { describe, expect, it } from 'vitest';
import type { HostObservation } from '../hosts/host-observation.ts';
import { HOST_ID, seenAfter } from '../testing/vmms.ts';
import { trusted } from './host-signal.ts';
import { firstSignals, nextSignals, type GuestSignal, type Signals } from './state.ts';

const INTERVAL_MS = 1000;
const failure = { kind: 'timeout', message: 'no answer' } as const;
const good: GuestSignal = { kind: 'good' };
const failed: GuestSignal = { kind: 'failed', failure };
const notAsked: GuestSignal = { kind: 'not_asked' };

const noHost: HostObservation = { kind: 'no_host' };
const pending: HostObservation = { kind: 'pending', hostId: HOST_ID };
const unreachable: HostObservation = { kind: 'unreachable', hostId: HOST_ID, failure };
const ambiguous: HostObservation = { kind: 'ambiguous', hostId: HOST_ID, takenAt: 1, count: 2 };

type At = (second: number) => HostObservation;
const seen: At = (second) => seenAfter(second * 1000);
const zombie: At = (second) => seenAfter(second * 1000, { state: 'zombie' });
const without =
  (seenBefore: boolean): At =>
  (second) => ({
    kind: 'no_vmm',
    hostId: HOST_ID,
    takenAt: second,
    seenBefore,
    message: undefined,
  });
const gone = without(true);
const never = without(false);
const always =
  (observation: HostObservation): At =>
  () =>
    observation;

/** `up/guest` and the like, one turn a second. */
const play = (
  turns: readonly (readonly [GuestSignal, At])[],
  start: Signals = firstSignals(false),
): string[] => {
  let signals = start;
  return turns.map(([guest, host], second) => {
    const nowMs = 50_000 + second * 1000;
    const observation = trusted(host(second), nowMs, INTERVAL_MS);
    signals = nextSignals(signals, guest, observation, nowMs, INTERVAL_MS);
    return `${signals.state}/${signals.origin}`;
  });
};

const alone = always(noHost);

describe('a VM without a host', () => {
  it('is up at the first answer', () => {
    expect(play([[good, alone]])).toEqual(['up/guest']);
  });

  it('is stale after two failures, never down, and up again after two answers', () => {
    expect(
      play([
        [good, alone],
        [failed, alone],
        [good, alone],
        [failed, alone],
        [failed, alone],
        [failed, alone],
        [good, alone],
        [good, alone],
      ]),
    ).toEqual([
      'up/guest',
      'up/guest',
      'up/guest',
      'up/guest',
      'stale/none',
      'stale/none',
      'stale/none',
      'up/guest',
    ]);
  });

  it('is unknown while nothing was ever heard', () => {
    expect(
      play([
        [failed, alone],
        [failed, alone],
        [notAsked, alone],
      ]),
    ).toEqual(['unknown/none', 'unknown/none', 'unknown/none']);
  });

  it('is stale when it was heard of before the manager started', () => {
    expect(
      play(
        [
          [failed, alone],
          [good, alone],
        ],
        firstSignals(true),
      ),
    ).toEqual(['stale/none', 'up/guest']);
  });

  it('is stale after two and a half intervals without an answer', () => {
    expect(
      play([
        [good, alone],
        [notAsked, alone],
        [notAsked, alone],
        [notAsked, alone],
      ]),
    ).toEqual(['up/guest', 'up/guest', 'up/guest', 'stale/none']);
  });

  it('is not up by answers with failures between them', () => {
    const start = [
      [good, alone],
      [failed, alone],
      [failed, alone],
    ] as const;
    const flapping = [
      [good, alone],
      [failed, alone],
      [good, alone],
      [failed, alone],
    ] as const;
    expect(play([...start, ...flapping]).slice(3)).toEqual(Array(4).fill('stale/none'));
  });

  it('keeps the last failure while it is asked less often', () => {
    let signals = firstSignals(false);
    for (const turn of [good, failed, failed, notAsked, good]) {
      signals = nextSignals(signals, turn, noHost, 50_000, INTERVAL_MS);
      if (signals.origin === 'none') expect(signals.failure).toEqual(failure);
    }
    signals = nextSignals(signals, good, noHost, 50_000, INTERVAL_MS);
    expect(signals).toMatchObject({ state: 'up', failure: undefined });
  });
});

describe('a VM on a host', () => {
  it('is degraded while its agent is silent and its VMM runs', () => {
    expect(
      play([
        [good, seen],
        [failed, seen],
        [failed, seen],
        [good, seen],
        [good, seen],
      ]),
    ).toEqual(['up/guest', 'up/guest', 'degraded/host', 'degraded/host', 'up/guest']);
  });

  it('is degraded though its agent was never heard', () => {
    expect(play([[failed, seen]])).toEqual(['degraded/host']);
  });

  it.each([
    ['its VMM is gone', gone],
    ['its VMM is a zombie', zombie],
  ])('is down after two answers of the host in which %s', (_, ended) => {
    expect(
      play([
        [failed, seen],
        [failed, ended],
        [failed, ended],
        [failed, seen],
      ]),
    ).toEqual(['degraded/host', 'degraded/host', 'down/none', 'degraded/host']);
  });

  it('is not down by one answer that is looked at twice', () => {
    const once: At = () => gone(1);
    expect(
      play([
        [failed, seen],
        [failed, once],
        [failed, once],
      ]),
    ).toEqual(['degraded/host', 'degraded/host', 'degraded/host']);
  });

  it('is up while its agent answers, whatever the host says', () => {
    expect(
      play([
        [good, seen],
        [good, gone],
        [good, gone],
        [good, gone],
      ]),
    ).toEqual(Array(4).fill('up/guest'));
  });

  it('is as it was while the host does not answer for a moment, then stale', () => {
    const silent = always(unreachable);
    expect(
      play([
        [failed, seen],
        [failed, silent],
        [failed, silent],
        [failed, silent],
      ]),
    ).toEqual(['degraded/host', 'degraded/host', 'degraded/host', 'stale/none']);
  });

  it.each([
    ['a host that has not been asked', always(pending)],
    ['two VMMs that fit', always(ambiguous)],
    ['no VMM, and never one', never],
    ['an answer that is older than 15 s', always(seenAfter(-20_000))],
  ])('is stale with %s', (_, host) => {
    expect(
      play([
        [good, host],
        [failed, host],
        [failed, host],
      ]).at(-1),
    ).toBe('stale/none');
    expect(
      play([
        [failed, host],
        [failed, host],
      ]).at(-1),
    ).toBe('unknown/none');
  });
});

it('the first moment is not settled, so that a start makes no events', () => {
  let signals = firstSignals(true);
  signals = nextSignals(signals, failed, noHost, 0, INTERVAL_MS);
  expect(signals.isSettled).toBe(false);
  signals = nextSignals(signals, failed, noHost, 1000, INTERVAL_MS);
  expect(signals.isSettled).toBe(true);
});
