/** Wall clock, monotonic clock and timers. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../platform.ts';
import { makeZoneName } from './zone.ts';

const zoneName = makeZoneName(process.env['TZ']);

export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs).unref();
    return () => clearTimeout(timer);
  },
  zone: () => {
    // 0 minus it, and not minus it: UTC is 0 and not -0.
    const offsetSeconds = 0 - new Date().getTimezoneOffset() * 60;
    return { name: zoneName(offsetSeconds), offsetSeconds };
  },
};
