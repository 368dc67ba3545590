/**
 * How many lines a second there were just now. What comes first is what was there before, as fast as
 * it can be sent: it does not count.
 */

export interface Rate {
  add(at: number, count: number): void;
  perSecond(now: number): number;
}

const WINDOW_MS = 5_000;
const SETTLE_MS = 1_000;

export const makeRate = (): Rate => {
  let seen: { readonly at: number; readonly count: number }[] = [];
  let began: number | undefined;
  return {
    add: (at, count) => {
      began ??= at + SETTLE_MS;
      if (at < began) return;
      seen.push({ at, count });
      if (seen.length > 200) seen = seen.filter((entry) => entry.at > at - WINDOW_MS);
    },
    perSecond: (now) => {
      if (began === undefined || now <= began) return 0;
      seen = seen.filter(({ at }) => at > now - WINDOW_MS);
      const total = seen.reduce((sum, { count }) => sum + count, 0);
      return total / (Math.max(1_000, Math.min(WINDOW_MS, now - began)) / 1000);
    },
  };
};
