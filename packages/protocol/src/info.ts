/** What an agent answers to `GET /info`: what the machine is, rather than how it is doing. */
import { z } from 'zod';
import {
  bootIdSchema,
  countSchema,
  MAX_LIST,
  nameSchema,
  pathSchema,
  unixMsSchema,
  vmIdSchema,
} from './fields.ts';

const interfaceSchema = z.object({
  device: nameSchema,
  mac_address: nameSchema.nullable(),
  mtu_bytes: countSchema.nullable(),
  operstate: nameSchema.nullable(),
  /** Null where the machine does not tell. */
  addresses: z
    .array(
      z.object({
        family: z.enum(['ipv4', 'ipv6']),
        address: nameSchema,
        prefix_length: z.int().min(0).max(128),
      }),
    )
    .max(MAX_LIST)
    .nullable(),
});

export const infoSchema = z.object({
  vm_id: vmIdSchema.nullable(),
  boot_id: bootIdSchema.nullable(),
  machine_id: nameSchema.nullable(),
  taken_at: unixMsSchema,
  booted_at: unixMsSchema.nullable(),
  agent: z.object({
    version: nameSchema,
    manager_url: z.string().max(2048).nullable(),
  }),
  hostname: nameSchema.nullable(),
  os: z.object({
    id: nameSchema.nullable(),
    name: nameSchema.nullable(),
    version: nameSchema.nullable(),
    pretty_name: nameSchema.nullable(),
  }),
  kernel: z.object({ name: nameSchema.nullable(), release: nameSchema.nullable() }),
  architecture: nameSchema,
  timezone: nameSchema,
  cpu: z.object({ count: z.int().positive().nullable(), model: nameSchema.nullable() }),
  memory: z.object({ total_bytes: countSchema.nullable(), swap_bytes: countSchema.nullable() }),
  /** The hypervisor as the machine's firmware and CPU name it; null on bare metal or unknown. */
  virtualization: z.object({
    kind: z.enum(['kvm', 'qemu', 'firecracker', 'xen', 'vmware', 'hyperv', 'other']).nullable(),
    product: nameSchema.nullable(),
    vendor: nameSchema.nullable(),
  }),
  cloud_init: z.object({
    status: z.enum(['running', 'done', 'error']).nullable(),
    errors: z.array(z.string().max(512)).max(20),
  }),
  interfaces: z.array(interfaceSchema).max(MAX_LIST),
  filesystems: z
    .array(
      z.object({
        device: nameSchema,
        mountpoint: pathSchema,
        fstype: nameSchema,
        size_bytes: countSchema.nullable(),
      }),
    )
    .max(MAX_LIST),
  /** Who is logged in; null where nothing on the machine tells. */
  users: z.array(nameSchema).max(MAX_LIST).nullable(),
});

export type Info = z.infer<typeof infoSchema>;
