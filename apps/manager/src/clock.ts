/** The manager's clocks: unix milliseconds, and one that never jumps. */
export interface Clock {
  now(): number;
  monotonicMs(): number;
}
