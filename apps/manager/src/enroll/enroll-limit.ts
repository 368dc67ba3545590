/**
 * Limits what strangers may ask of enrolment. Guessing 256 bits is hopeless anyway; this keeps the
 * log and the database quiet, and tells those who fail to stop. Failures of one network do not lock
 * out another.
 */
import type { Clock } from '../clock.ts';
import { networkOf } from '../http/remote-address.ts';
import type { Problem } from '../http/problem.ts';

export interface EnrollLimit {
  /** Before anything else; undefined: go on. */
  enter(remoteAddress: string): Problem | undefined;
  countFailure(remoteAddress: string): void;
}

const WINDOW_MS = 60_000;
/** A rack that boots behind one address, each machine trying again now and then. */
const PER_NETWORK = 600;
const FAILURES_PER_NETWORK = 20;
/** More than these in a minute are answered all the same with 429: the table has an end. */
const MAX_NETWORKS = 10_000;

interface Seen {
  asked: number;
  failed: number;
}

export const makeEnrollLimit = (clock: Pick<Clock, 'monotonicMs'>): EnrollLimit => {
  let windowStart = -Infinity;
  const networks = new Map<string, Seen>();

  const tooMany = (): Problem => {
    const seconds = Math.max(1, Math.ceil((windowStart + WINDOW_MS - clock.monotonicMs()) / 1000));
    return {
      status: 429,
      code: 'too_many_attempts',
      message: `too many attempts to enrol from this address; try again in ${seconds} s`,
      headers: { 'retry-after': String(seconds) },
    };
  };

  return {
    enter: (remoteAddress) => {
      const now = clock.monotonicMs();
      if (now - windowStart >= WINDOW_MS) {
        windowStart = now;
        networks.clear();
      }
      const network = networkOf(remoteAddress);
      const seen = networks.get(network);
      if (seen === undefined) {
        if (networks.size >= MAX_NETWORKS) return tooMany();
        networks.set(network, { asked: 1, failed: 0 });
        return undefined;
      }
      if (seen.asked >= PER_NETWORK || seen.failed >= FAILURES_PER_NETWORK) return tooMany();
      seen.asked += 1;
      return undefined;
    },
    countFailure: (remoteAddress) => {
      const seen = networks.get(networkOf(remoteAddress));
      if (seen !== undefined) seen.failed += 1;
    },
  };
};
