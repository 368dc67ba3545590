/** One process, as `/processes` and the sample's `top` list it. */
import { z } from 'zod';
import { countSchema, MAX_LIST, nameSchema, percentSchema, unixMsSchema } from './fields.ts';

export const processEntrySchema = z.object({
  pid: z.int().positive(),
  ppid: z.int().nonnegative(),
  /** Null where the user id has no name in the machine's passwd file. */
  user: nameSchema.nullable(),
  uid: z.int().nonnegative().nullable(),
  name: nameSchema,
  /** One letter as in ps: R, S, D, Z, T, I. */
  state: z.string().max(1),
  threads: z.int().nonnegative(),
  cpu_seconds: countSchema,
  /** Of one CPU, over `window_seconds`; null until the process has been seen twice. */
  cpu_usage_percent: z.number().nonnegative().nullable(),
  rss_bytes: countSchema,
  memory_usage_percent: percentSchema.nullable(),
  /** Null where the kernel does not let this agent see it. */
  io: z.object({ read_bytes: countSchema, write_bytes: countSchema }).nullable(),
  started_at: unixMsSchema.nullable(),
});

export type ProcessEntry = z.infer<typeof processEntrySchema>;

export const processOrderSchema = z.enum(['cpu', 'memory', 'io']);
export type ProcessOrder = z.infer<typeof processOrderSchema>;

export const processListSchema = z.object({
  taken_at: unixMsSchema,
  /** The time over which `cpu_usage_percent` counts; null before there was one. */
  window_seconds: z.number().positive().nullable(),
  total: z.int().nonnegative(),
  by_state: z.record(z.string().max(1), z.int().nonnegative()),
  threads: z.int().nonnegative(),
  by: processOrderSchema,
  processes: z.array(processEntrySchema).max(MAX_LIST),
});

export type ProcessList = z.infer<typeof processListSchema>;
