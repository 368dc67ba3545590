/** A registered VM, as `/v1/vms` takes and gives it. */
import { z } from 'zod';
import { countSchema, pathSchema, percentSchema, unixMsSchema } from './fields.ts';
import { labelsSchema } from './labels.ts';
import { vmmKindSchema } from './process-stats.ts';
import { pullFailureKindSchema } from './pull-failure.ts';
import { originSchema, vmStateSchema } from './reading.ts';
import { updateStepStateSchema } from './update-state.ts';

/** Also none that turn the direction of text around: a name would look like another one. */
const withoutControlCharacters = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u;

export const vmNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(withoutControlCharacters, 'must not contain control characters');

export const guestIpSchema = z.union([z.ipv4(), z.ipv6()], {
  error: 'must be an IPv4 or IPv6 address, such as 192.168.1.100 or fd00::5',
});
export const portSchema = z.int().min(1).max(65_535);

/** unix(7) has 107 bytes for it. */
const socketPathSchema = z
  .string()
  .max(107)
  .regex(
    /^(?:\/(?!\.{1,2}(?:\/|$))[\u0021-\u002e\u0030-\u007e]+)+$/u,
    'must be an absolute path of ASCII letters, digits and signs, without "." or ".." in it',
  );

/** How the agent of a guest without a network is reached: a socket on the manager's machine. */
export const agentSocketSchema = z.discriminatedUnion('kind', [
  /** HTTP. */
  z.strictObject({ kind: z.literal('unix'), path: socketPathSchema }),
  /** HTTP behind `CONNECT port`, as Firecracker and cloud-hypervisor have it for vsock. */
  z.strictObject({
    kind: z.literal('vsock'),
    path: socketPathSchema,
    port: z.int().min(1).max(0xff_ff_ff_fe),
  }),
  /** HTTP carried in JSON-RPC: the host's end of a virtio-serial port. */
  z.strictObject({ kind: z.literal('virtio'), path: socketPathSchema }),
]);
export type AgentSocket = z.infer<typeof agentSocketSchema>;

/** How the host finds the VM's process, and what it cannot learn from the command line. */
export const vmmSchema = z.strictObject({
  kind: vmmKindSchema,
  /** `-uuid` of QEMU, `--id` of Firecracker. */
  uuid: z.string().min(1).max(128).optional(),
  /** `-name` of QEMU; the VM's own name is tried as well. */
  name: z.string().min(1).max(128).optional(),
  pid: z.int().positive().optional(),
  /** With `pid`: that process and no later one of the same number. */
  start_ticks: countSchema.optional(),
  pidfile: pathSchema.optional(),
  api_socket: pathSchema.optional(),
  metrics_fifo: pathSchema.optional(),
  qmp_socket: pathSchema.optional(),
  taps: z.array(z.string().min(1).max(15)).max(64).optional(),
});
export type Vmm = z.infer<typeof vmmSchema>;

export const vmCreateSchema = z.strictObject({
  name: vmNameSchema,
  guest_ip: guestIpSchema.optional(),
  agent_port: portSchema.default(8080),
  agent_socket: agentSocketSchema.optional(),
  host_id: z.uuid().optional(),
  vmm: vmmSchema.optional(),
  labels: labelsSchema.default({}),
});
export type VmCreate = z.infer<typeof vmCreateSchema>;

/** What is left out stays; null takes away. Labels are replaced as a whole. */
export const vmPatchSchema = z
  .strictObject({
    name: vmNameSchema,
    agent_port: portSchema,
    agent_socket: agentSocketSchema.nullable(),
    host_id: z.uuid().nullable(),
    vmm: vmmSchema.nullable(),
    labels: labelsSchema,
  })
  .partial();
export type VmPatch = z.infer<typeof vmPatchSchema>;

export const guestIpBodySchema = z.strictObject({
  guest_ip: guestIpSchema,
  agent_port: portSchema.optional(),
  /** Takes the address away from the VM that holds it. */
  take_over: z.boolean().default(false),
});

/** The VM's latest reading in short: what a row of a table shows. */
export const vmLatestSchema = z.object({
  state: vmStateSchema,
  origin: originSchema,
  reason: pullFailureKindSchema.nullable(),
  taken_at: unixMsSchema,
  age_ms: countSchema,
  uptime_seconds: countSchema.nullable(),
  cpu_usage_percent: percentSchema.nullable(),
  memory_usage_percent: percentSchema.nullable(),
  network_rx_bytes_per_second: countSchema.nullable(),
  network_tx_bytes_per_second: countSchema.nullable(),
  disk_read_bytes_per_second: countSchema.nullable(),
  disk_write_bytes_per_second: countSchema.nullable(),
});

export const vmSchema = z.object({
  id: z.uuid(),
  /** What the packed `fleet` frames call this VM. */
  key: z.int().positive(),
  name: vmNameSchema,
  guest_ip: z.string().max(45).nullable(),
  agent_port: portSchema,
  /** Where it is there, the agent is asked there and not at `guest_ip`. */
  agent_socket: agentSocketSchema.nullable(),
  host_id: z.uuid().nullable(),
  vmm: vmmSchema.nullable(),
  labels: labelsSchema,
  enrolled: z.boolean(),
  /**
   * SHA-256 of the SubjectPublicKeyInfo of the key by which the agent is known at its address, in
   * base64url: all that goes there is encrypted. Null: nothing is.
   */
  tls_pin: z.string().length(43).nullable(),
  /** The machine that the manager itself runs on. */
  is_local: z.boolean(),
  /** As the agent has said last; null: it has never said it. */
  agent_version: z.string().nullable(),
  /** Of an update that is under way, or of the last one where that did not end well. */
  agent_update: updateStepStateSchema.nullable(),
  created_at: unixMsSchema,
  updated_at: unixMsSchema,
  latest: vmLatestSchema,
});
export type Vm = z.infer<typeof vmSchema>;

export const vmSortSchema = z.enum([
  'name',
  'state',
  'cpu',
  'memory',
  'network',
  'disk',
  'uptime',
  'created_at',
]);
export type VmSort = z.infer<typeof vmSortSchema>;

/** Something that happened to a VM: why its chart has a gap, or a step. */
export const vmEventKindSchema = z.enum([
  'registered',
  'state_changed',
  'origin_changed',
  'rebooted',
  'address_changed',
  'host_changed',
  'enrolled',
  /** With another key than before: installed anew, or another machine in its place. */
  're_enrolled',
  /** Another machine has the key of its agent; it was refused. */
  'cloned',
  /** Somebody with a token for it was refused. */
  'enrollment_refused',
  /** The manager signs with another key; `reason` is `agent_behind` where the agent does not know it. */
  'key_rotated',
]);
export type VmEventKind = z.infer<typeof vmEventKindSchema>;

export const vmEventSchema = z.object({
  id: z.string(),
  at: unixMsSchema,
  kind: vmEventKindSchema,
  /** By kind: `from`, `to`, `reason`, `message`, `hostname`. */
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
export type VmEvent = z.infer<typeof vmEventSchema>;
