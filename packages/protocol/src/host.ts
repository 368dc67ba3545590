/** A hypervisor whose agent is asked for its VMs. */
import { z } from 'zod';
import { countSchema, nameSchema, percentSchema, unixMsSchema, vmIdSchema } from './fields.ts';
import { labelsSchema } from './labels.ts';
import { vmmKindSchema } from './process-stats.ts';
import { pullFailureKindSchema } from './pull-failure.ts';
import { guestIpSchema, portSchema, vmNameSchema } from './vm.ts';

export const hostCreateSchema = z.strictObject({
  name: vmNameSchema,
  address: guestIpSchema,
  agent_port: portSchema.default(8080),
  /** The `vm_id` in the configuration of the host's agent; left out, it is to be the host's id. */
  agent_id: vmIdSchema.optional(),
  labels: labelsSchema.default({}),
});
export type HostCreate = z.infer<typeof hostCreateSchema>;

export const hostPatchSchema = z
  .strictObject({
    name: vmNameSchema,
    address: guestIpSchema,
    agent_port: portSchema,
    agent_id: vmIdSchema,
    labels: labelsSchema,
  })
  .partial();
export type HostPatch = z.infer<typeof hostPatchSchema>;

export const hostStatusSchema = z.object({
  state: z.enum(['up', 'down', 'unknown']),
  reason: pullFailureKindSchema.nullable(),
  message: z.string().max(512).nullable(),
  /** When the host's agent last answered; null: never. */
  seen_at: unixMsSchema.nullable(),
  poll_seconds: countSchema.nullable(),
  cpu_count: z.int().positive().nullable(),
  cpu_usage_percent: percentSchema.nullable(),
  memory_total_bytes: countSchema.nullable(),
  vmm_count: z.int().nonnegative().nullable(),
  /** VMMs that no registered VM stands for. */
  found_count: z.int().nonnegative().nullable(),
});
export type HostStatus = z.infer<typeof hostStatusSchema>;

/** What an enrolled agent of a host has said of itself. */
export const hostAgentSchema = z.object({
  version: z.string(),
  build: z.enum(['node', 'native']),
  architecture: z.string(),
  enrolled_at: unixMsSchema,
});
export type HostAgent = z.infer<typeof hostAgentSchema>;

export const hostSchema = z.object({
  id: z.uuid(),
  name: vmNameSchema,
  address: z.string().max(45),
  agent_port: portSchema,
  agent_id: vmIdSchema,
  labels: labelsSchema,
  /** As of a VM. */
  tls_pin: z.string().length(43).nullable(),
  is_local: z.boolean(),
  created_at: unixMsSchema,
  updated_at: unixMsSchema,
  /** Null: none has enrolled; one that was set up by hand may answer all the same. */
  agent: hostAgentSchema.nullable(),
  status: hostStatusSchema,
});
export type Host = z.infer<typeof hostSchema>;

/** A VMM that the host sees and nobody has registered. */
export const foundVmmSchema = z.object({
  /** `<pid>-<start_ticks>`: that process and no later one of the same number. */
  id: z.string().regex(/^\d{1,10}-\d{1,20}$/u),
  host_id: z.uuid(),
  kind: vmmKindSchema,
  pid: z.int().positive(),
  start_ticks: countSchema,
  started_at: unixMsSchema.nullable(),
  uuid: nameSchema.nullable(),
  name: nameSchema.nullable(),
  vmm_id: nameSchema.nullable(),
  vcpu_count: z.int().positive().nullable(),
  memory_configured_bytes: countSchema.nullable(),
  taps: z.array(nameSchema),
});
export type FoundVmm = z.infer<typeof foundVmmSchema>;

export const adoptSchema = z.strictObject({
  /** Left out: the name that the VMM's command line tells. */
  name: vmNameSchema.optional(),
  guest_ip: guestIpSchema.optional(),
  agent_port: portSchema.default(8080),
  labels: labelsSchema.default({}),
});
