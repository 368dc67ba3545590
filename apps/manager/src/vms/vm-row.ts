/** A row of table `vm`, as `VM_COLUMNS` selects it, and the record that it becomes. */
import { agentSocketSchema, labelsSchema, vmmSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { canonicalAddress } from './guest-address.ts';
import type { VmRecord } from './vm-record.ts';

const rowSchema = z.object({
  id: z.string(),
  key: z.number(),
  name: z.string(),
  guest_ip: z.string().nullable(),
  agent_port: z.number(),
  agent_socket: agentSocketSchema.nullable(),
  host_id: z.string().nullable(),
  vmm: vmmSchema.nullable(),
  labels: labelsSchema,
  enrolled_at: z.number().nullable(),
  tls_pin: z.instanceof(Buffer).nullable(),
  is_local: z.boolean(),
  created_at: z.number(),
  updated_at: z.number(),
});

const idSchema = z.object({ id: z.string() });

export const parseVmRow = (row: unknown): VmRecord => {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) {
    const id = idSchema.safeParse(row).data?.id ?? 'without id';
    throw new Error(`the VM ${id} in Postgres is malformed`, { cause: parsed.error });
  }
  const { data } = parsed;
  return {
    id: data.id,
    key: data.key,
    name: data.name,
    // Postgres writes some IPv6 addresses in another form than everybody else.
    guestIp:
      data.guest_ip === null ? undefined : (canonicalAddress(data.guest_ip) ?? data.guest_ip),
    agentPort: data.agent_port,
    agentSocket: data.agent_socket ?? undefined,
    hostId: data.host_id ?? undefined,
    vmm: data.vmm ?? undefined,
    labels: data.labels,
    enrolledAt: data.enrolled_at ?? undefined,
    tlsPin: data.tls_pin?.toString('base64url'),
    isLocal: data.is_local,
    createdAt: data.created_at,
    updatedAt: data.updated_at,
  };
};
