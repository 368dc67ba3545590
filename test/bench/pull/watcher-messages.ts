/** Between the benchmark and the process that holds the sockets. */
import { z } from 'zod';

export const orderSchema = z.object({ sockets: z.int().positive() });
export type Order = z.infer<typeof orderSchema>;

export const newsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('connected') }),
  z.object({ kind: z.literal('received'), frames: z.number() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type News = z.infer<typeof newsSchema>;
