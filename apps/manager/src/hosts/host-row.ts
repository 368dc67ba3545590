/** A row of table `host`, as `HOST_COLUMNS` selects it, and the record that it becomes. */
import { labelsSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { canonicalAddress } from '../vms/guest-address.ts';
import type { HostRecord } from './host-record.ts';

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  agent_port: z.number(),
  agent_id: z.string(),
  labels: labelsSchema,
  tls_pin: z.instanceof(Buffer).nullable(),
  is_local: z.boolean(),
  created_at: z.number(),
  updated_at: z.number(),
});

const idSchema = z.object({ id: z.string() });

export const parseHostRow = (row: unknown): HostRecord => {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) {
    const id = idSchema.safeParse(row).data?.id ?? 'without id';
    throw new Error(`the host ${id} in Postgres is malformed`, { cause: parsed.error });
  }
  const { data } = parsed;
  return {
    id: data.id,
    name: data.name,
    address: canonicalAddress(data.address) ?? data.address,
    agentPort: data.agent_port,
    agentId: data.agent_id,
    labels: data.labels,
    tlsPin: data.tls_pin?.toString('base64url'),
    isLocal: data.is_local,
    createdAt: data.created_at,
    updatedAt: data.updated_at,
  };
};
