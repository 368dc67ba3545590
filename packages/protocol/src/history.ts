/** `GET /v1/vms/:id/metrics/history`. */
import { z } from 'zod';
import { unixMsSchema } from './fields.ts';
import { metricFieldSchema } from './metric-fields.ts';

export const tierSchema = z.enum(['raw', '10s', '1m', '15m', '1h']);
export type Tier = z.infer<typeof tierSchema>;

export const MAX_HISTORY_POINTS = 2000;

const seriesSchema = z.object({
  avg: z.array(z.number().nullable()),
  max: z.array(z.number().nullable()),
});

export const historySchema = z.object({
  vm_id: z.uuid(),
  from: unixMsSchema,
  to: unixMsSchema,
  /** From which table the points come. */
  tier: tierSchema,
  step_ms: z.int().positive(),
  /** The beginning of each step; each is there, and null in the series where nothing was stored. */
  t: z.array(unixMsSchema),
  /** Where the values of each step come from; null where there are none. */
  origins: z.array(z.enum(['guest', 'host', 'mixed']).nullable()),
  series: z.partialRecord(metricFieldSchema, seriesSchema),
});

export type History = z.infer<typeof historySchema>;
