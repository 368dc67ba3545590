/** A value with the manager's own clocks beside it. */

export interface Timed<Value> {
  readonly value: Value;
  /** From asking to the last byte: the value was taken somewhere in this time. */
  readonly seconds: number;
  /** When the last byte came: unix time, and a clock that never jumps. */
  readonly receivedAt: number;
  readonly receivedMonotonicMs: number;
}
