/** A download of logs as JSON: one `LogEvent` or `LogDropped` per line, and this as the last one. */
import { z } from 'zod';

export const logTrailerSchema = z.object({
  trailer: z.literal(true),
  /** False: it broke off, for `reason`. A download without this line broke off as well. */
  complete: z.boolean(),
  reason: z.string().nullable(),
  lines: z.int().nonnegative(),
  /** Lines that are missing in between; null: nobody can tell how many. */
  missing: z.int().nonnegative().nullable(),
});
export type LogTrailer = z.infer<typeof logTrailerSchema>;
