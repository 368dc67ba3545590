/** A number in a query, such as `limit`: the same words for what it must be, wherever it is. */
import { z } from 'zod';

export const countUpTo = (max: number) => {
  const problem = `must be a whole number from 1 to ${max}`;
  return z
    .string()
    .regex(/^\d{1,6}$/u, problem)
    .transform(Number)
    .refine((value) => value >= 1 && value <= max, problem);
};

export const limitUpTo = (max: number, byDefault: number) =>
  countUpTo(max)
    .default(byDefault)
    .describe(`items of a page: 1 to ${max}, ${byDefault} where it is left out`);

export const cursorDescription = 'the next_cursor of the page before';
