/** Wall clock, monotonic clock, timers, and the zone by the C library's own rules. */
import type { Clock } from '../platform.ts';
import type { EventLoop } from './event-loop.ts';

export const makeClock = (loop: EventLoop): Clock => ({
  nowMs: () => Date.now(),
  monotonicMs: () => native.monotonicMs(),
  after: (delayMs, fire) => loop.timers.after(delayMs, fire),
  zone: () => {
    const [name, offsetSeconds] = native.zone();
    return { name, offsetSeconds };
  },
});
