/** What is said between the benchmark and its client process. */

import { z } from 'zod';

export const orderSchema = z.strictObject({
  path: z.string(),
  count: z.int().positive(),
  /** From one scrape to the next; 0 is as fast as it goes. */
  everyMs: z.number().nonnegative(),
});

export type Order = z.infer<typeof orderSchema>;

export const reportSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    /** Of each scrape, from the request to the last byte of the answer. */
    latenciesMs: z.array(z.number().nonnegative()),
    lastBody: z.string(),
  }),
  z.strictObject({ ok: z.literal(false), reason: z.string() }),
]);

export type ScrapeReport = z.infer<typeof reportSchema>;
