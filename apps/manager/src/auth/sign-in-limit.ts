/**
 * Counts failed sign-ins by address, and all together. It cannot keep anybody from guessing 256
 * bits, and need not: it keeps the audit and the log from being flooded, and tells who guesses to
 * stop. Whoever has the right secret is not refused for the failures of others, so nobody can lock
 * another one out.
 */
import type { Clock } from '../clock.ts';
import { networkOf } from '../http/remote-address.ts';

export interface SignInLimit {
  /** The seconds to wait for, where the failure is one too many; undefined where it counts. */
  countFailure(remoteAddress: string): number | undefined;
  /** The same for sign-ins that succeed, by token: each one leaves rows behind. */
  countSuccess(tokenId: string): number | undefined;
}

const WINDOW_MS = 60_000;
const PER_NETWORK = 10;
/** Each leaves a row in the audit for a month: 1.3 million at most. */
const ALTOGETHER = 30;
const SUCCESSES_PER_TOKEN = 120;

export const makeSignInLimit = (clock: Pick<Clock, 'monotonicMs'>): SignInLimit => {
  let windowStart = -Infinity;
  let failures = 0;
  // At most ALTOGETHER entries: nothing is counted beyond that, and each window starts empty.
  const byNetwork = new Map<string, number>();
  // As many as there are tokens.
  const byToken = new Map<string, number>();

  const secondsLeft = (): number =>
    Math.max(1, Math.ceil((windowStart + WINDOW_MS - clock.monotonicMs()) / 1000));

  const enterWindow = (): void => {
    const now = clock.monotonicMs();
    if (now - windowStart < WINDOW_MS) return;
    windowStart = now;
    failures = 0;
    byNetwork.clear();
    byToken.clear();
  };

  return {
    countFailure: (remoteAddress) => {
      enterWindow();
      const network = networkOf(remoteAddress);
      const before = byNetwork.get(network) ?? 0;
      if (before >= PER_NETWORK || failures >= ALTOGETHER) return secondsLeft();
      byNetwork.set(network, before + 1);
      failures += 1;
      return undefined;
    },
    countSuccess: (tokenId) => {
      enterWindow();
      const before = byToken.get(tokenId) ?? 0;
      if (before >= SUCCESSES_PER_TOKEN) return secondsLeft();
      byToken.set(tokenId, before + 1);
      return undefined;
    },
  };
};
