/** When to ask again what did not answer: twice as long after each failure, up to a ceiling. */
import type { Clock } from '../platform/platform.ts';

export interface BackOff {
  succeeded(): void;
  failed(): void;
  mayTry(): boolean;
  /** On the wall clock, for people; undefined while it may be tried at once. */
  retryAtMs(): number | undefined;
}

export const makeBackOff = (
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  limits: { readonly firstMs: number; readonly ceilingMs: number },
): BackOff => {
  let delayMs = 0;
  let untilMs = 0;
  const leftMs = (): number => untilMs - clock.monotonicMs();
  return {
    succeeded: () => {
      delayMs = 0;
      untilMs = 0;
    },
    failed: () => {
      delayMs = delayMs === 0 ? limits.firstMs : Math.min(delayMs * 2, limits.ceilingMs);
      untilMs = clock.monotonicMs() + delayMs;
    },
    mayTry: () => leftMs() <= 0,
    retryAtMs: () => (leftMs() > 0 ? Math.ceil(clock.nowMs() + leftMs()) : undefined),
  };
};
