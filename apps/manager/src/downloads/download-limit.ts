/**
 * How often strangers may download: nothing here is secret, but each megabyte is work. What a fleet
 * that boots all at once is refused, it asks for again a moment later.
 */
import type { Clock } from '../clock.ts';
import { networkOf } from '../http/remote-address.ts';

export interface DownloadLimit {
  /** The seconds to wait for, where this one is one too many. */
  readonly count: (remoteAddress: string) => number | undefined;
}

const WINDOW_MS = 60_000;
/** An installation takes five; a hypervisor may stand before thirty guests with one address. */
const PER_NETWORK = 300;
/** About a gigabyte. */
const ALTOGETHER = 3_000;

export const makeDownloadLimit = (clock: Pick<Clock, 'monotonicMs'>): DownloadLimit => {
  let windowStart = -Infinity;
  let total = 0;
  // At most ALTOGETHER entries, and each window starts empty.
  const byNetwork = new Map<string, number>();
  return {
    count: (remoteAddress) => {
      const now = clock.monotonicMs();
      if (now - windowStart >= WINDOW_MS) {
        windowStart = now;
        total = 0;
        byNetwork.clear();
      }
      const network = networkOf(remoteAddress);
      const before = byNetwork.get(network) ?? 0;
      if (before >= PER_NETWORK || total >= ALTOGETHER) {
        return Math.max(1, Math.ceil((windowStart + WINDOW_MS - now) / 1000));
      }
      byNetwork.set(network, before + 1);
      total += 1;
      return undefined;
    },
  };
};
