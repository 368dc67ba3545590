/** `GET /v1/fleet/recent`: the last minutes of every VM, for the small charts of a page that opens. */
import { z } from 'zod';
import { unixMsSchema } from './fields.ts';

export const fleetRecentSchema = z.object({
  step_ms: z.int().positive(),
  /** When the newest step began; the others lie before it, `step_ms` apart. */
  end: unixMsSchema,
  /** One row each, in this order, of equal length and oldest first. VMs never heard of have none. */
  keys: z.array(z.int().positive()),
  /** A byte for each step: half percents, 255 is unknown. See `recent-values.ts`. */
  cpu: z.base64(),
  memory: z.base64(),
});

export type FleetRecent = z.infer<typeof fleetRecentSchema>;
