/** What the agent's `GET /logs` sends: the data of its events `log`, `dropped` and `end`. */
import { z } from 'zod';
import { unixMsSchema } from './fields.ts';

export const logLevelSchema = z.enum(['trace', 'debug', 'info', 'warn', 'error']);

export const logEventSchema = z.object({
  /** Null where a line of a file does not tell. */
  timestamp: unixMsSchema.nullable(),
  level: logLevelSchema,
  /** The unit, else what calls itself so: program, module, file. */
  target: z.string().max(1000),
  message: z.string(),
  /** Everything else that is known of it, by the source's own names. */
  fields: z.record(z.string(), z.unknown()),
  /** Names this entry for good; also the event's id. */
  cursor: z.string().max(300),
  stream: z.enum(['stdout', 'stderr']).optional(),
  /** How many bytes of the message were left out. */
  cut_bytes: z.int().positive().optional(),
});

export const logDroppedSchema = z.object({
  /** Null where nobody can tell how many. */
  count: z.int().positive().nullable(),
  /** `slow`: this reader was; `vacuumed`, `rotated`, `truncated`, `damaged`: the source is what it says. */
  reason: z.enum(['slow', 'vacuumed', 'rotated', 'truncated', 'damaged', 'overwritten']),
});

export const logEndSchema = z.object({
  /** `complete`: all that was asked for; `stopping`: the agent is; `failed`: the source is gone. */
  reason: z.enum(['complete', 'stopping', 'failed']),
  message: z.string().optional(),
});

export type LogLevel = z.infer<typeof logLevelSchema>;
export type LogEvent = z.infer<typeof logEventSchema>;
export type LogDropped = z.infer<typeof logDroppedSchema>;
export type LogEnd = z.infer<typeof logEndSchema>;
