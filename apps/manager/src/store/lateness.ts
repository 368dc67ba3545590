/**
 * When a step is complete. The roll-up leaves every step alone until `graceMs` after its end. A row
 * that is written more than `lateMs` after its moment may have missed that, so its steps are
 * computed again. Between the two lies what the clocks of two managers may differ by.
 */
const LATE_MARGIN_MS = 5_000;
const GRACE_MARGIN_MS = 10_000;

export interface Lateness {
  readonly lateMs: number;
  readonly graceMs: number;
}

export const latenessOf = (flushMs: number): Lateness => ({
  lateMs: flushMs + LATE_MARGIN_MS,
  graceMs: flushMs + GRACE_MARGIN_MS,
});
