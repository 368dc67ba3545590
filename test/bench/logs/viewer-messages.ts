/** Between the benchmark and the process that holds the viewers. */
import { z } from 'zod';

/** One viewer for each, on a connection of its own. */
export const viewerOrderSchema = z.object({
  vmIds: z.array(z.string()),
  /** Lines of it are to be numbered without holes: "prefix 0", "prefix 1", …; of each VM by itself. */
  prefix: z.string(),
});
export type ViewerOrder = z.infer<typeof viewerOrderSchema>;

export const viewedSchema = z.object({
  kind: z.literal('viewed'),
  /** Of all viewers together, history included. */
  entries: z.number(),
  /** With the prefix. */
  numbered: z.number(),
  /** Of those, the ones that are not one more than the one before. */
  wrong: z.number(),
  /** As told in batches and marks. */
  dropped: z.number(),
  /** The last number of the first viewer. */
  last: z.number(),
});
export type Viewed = z.infer<typeof viewedSchema>;

export const viewerNewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('connected') }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
  viewedSchema,
]);
export type ViewerNews = z.infer<typeof viewerNewsSchema>;
