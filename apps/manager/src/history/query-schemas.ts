/** The parts that the queries of history and events have in common. */
import { z } from 'zod';

/** 14 digits reach to the year 5138; past 9999 Postgres does not read what toISOString writes. */
export const momentSchema = z
  .string()
  .regex(/^\d{1,14}$/u, 'must be whole unix milliseconds, such as 1763640000000')
  .transform(Number);

const DAY_MS = 24 * 3_600_000;

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a range, if anything. */
export const rangeProblem = ({ from, to }: Range, maxMs: number): string | undefined => {
  if (from >= to) return `from: must be before to (from is ${from}, to is ${to})`;
  if (to - from > maxMs) {
    return `from: must be at most ${maxMs} ms (${Math.floor(maxMs / DAY_MS)} days) before to`;
  }
  return undefined;
};
