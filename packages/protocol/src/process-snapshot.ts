/** `GET /v1/vms/:id/processes/history`: what is stored of a VM's busiest processes, once a minute. */
import { z } from 'zod';
import { unixMsSchema } from './fields.ts';
import { processEntrySchema } from './process-entry.ts';

/** The user is the number of the user where that has no name. */
export const pastProcessSchema = processEntrySchema.pick({
  pid: true,
  user: true,
  name: true,
  cpu_usage_percent: true,
  rss_bytes: true,
  memory_usage_percent: true,
});
export type PastProcess = z.infer<typeof pastProcessSchema>;

export const processSnapshotSchema = z.object({
  vm_id: z.uuid(),
  /** When the list arrived; the guest counts its processes at most ten seconds before. */
  taken_at: unixMsSchema,
  /** By CPU. */
  processes: z.array(pastProcessSchema),
});
export type ProcessSnapshot = z.infer<typeof processSnapshotSchema>;
