/** The last that was known of each VM before the manager was started. */
import { originSchema, vmStateSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import type { LatestRow } from '../latest-buffer.ts';

const rowSchema = z.object({
  vm_key: z.int(),
  taken_at_ms: z.number(),
  agent_seen_at_ms: z.number().nullable(),
  boot_id: z.string().nullable(),
  state: vmStateSchema,
  origin: originSchema,
});

const TEXT = `
  SELECT vm_latest.vm_key,
         (extract(epoch FROM taken_at) * 1000)::float8 AS taken_at_ms,
         (extract(epoch FROM agent_seen_at) * 1000)::float8 AS agent_seen_at_ms,
         boot_id, state, origin
  FROM vm_latest
  JOIN vm ON vm.key = vm_latest.vm_key`;

export const getVmLatest = async (database: Queryable): Promise<LatestRow[]> => {
  const { rows } = await database.query({ name: 'get_vm_latest', text: TEXT });
  return rows.map((row) => {
    const found = rowSchema.parse(row);
    return {
      vmKey: found.vm_key,
      takenAt: Math.round(found.taken_at_ms),
      agentSeenAt: found.agent_seen_at_ms === null ? undefined : Math.round(found.agent_seen_at_ms),
      bootId: found.boot_id ?? undefined,
      state: found.state,
      origin: found.origin,
    };
  });
};
