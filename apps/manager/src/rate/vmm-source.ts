/**
 * One source of a VM's network or disk traffic on its host: values and where they come from, or the
 * reason why there are none.
 */
import type { MissingReason, PartOrigin } from '@innkeeper/protocol';
import { counterRate } from './counter-rate.ts';
import { makeDeviceSum } from './device-sum.ts';
import { makePairing } from './pairing.ts';

export type Traffic =
  | { readonly ok: true; readonly origin: PartOrigin; readonly in: number; readonly out: number }
  | { readonly ok: false; readonly reason: MissingReason };

/** `in` and `out` of each device as the guest sees them: received or read, sent or written. */
export interface Counted {
  readonly key: string;
  readonly in: number;
  readonly out: number;
}

export const noTraffic = (reason: MissingReason): Traffic => ({ ok: false, reason });

/** The devices that are in both; all of a VMM's devices are the guest's, so all of them count. */
export const sumTraffic = (
  origin: PartOrigin,
  before: readonly Counted[],
  now: readonly Counted[],
  seconds: number,
): Traffic => {
  const pair = makePairing(before, (entry) => entry.key);
  const sum = makeDeviceSum();
  now.forEach((entry, index) => {
    sum.seen();
    const earlier = pair(entry.key, index);
    if (earlier === undefined) return;
    sum.add(
      counterRate(earlier.in, entry.in, seconds),
      counterRate(earlier.out, entry.out, seconds),
    );
  });
  const received = sum.one();
  const sent = sum.other();
  if (received === null || sent === null) return noTraffic(sum.reason() ?? 'first_sample');
  return { ok: true, origin, in: received, out: sent };
};

/**
 * The first source that has values. Where none has, the first one that the VMM has at all says why:
 * "no answer from QMP" is worth more than "it has no Firecracker metrics".
 */
export const firstOf = (...sources: readonly Traffic[]): Traffic => {
  let why: MissingReason | undefined;
  for (const source of sources) {
    if (source.ok) return source;
    if (why === undefined || why === 'absent') why = source.reason;
  }
  return noTraffic(why ?? 'absent');
};
