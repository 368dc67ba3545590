/**
 * What the manager made of the samples of one VM's agent and of its host at one moment. Unknown is
 * null, and for each part that has no values `reasons` says why.
 */
import { z } from 'zod';
import {
  bootIdSchema,
  countSchema,
  MAX_LIST,
  nameSchema,
  percentSchema,
  unixMsSchema,
} from './fields.ts';
import { processEntrySchema } from './process-entry.ts';
import { partProblemSchema, vmmKindSchema } from './process-stats.ts';
import { pullFailureKindSchema } from './pull-failure.ts';
import { ORIGINS, VM_STATES } from './vocabulary.ts';

export const vmStateSchema = z.enum(VM_STATES);
export type VmState = z.infer<typeof vmStateSchema>;

export const originSchema = z.enum(ORIGINS);
export type Origin = z.infer<typeof originSchema>;

export const partSchema = z.enum(['cpu', 'memory', 'network', 'disk']);
export type Part = z.infer<typeof partSchema>;

export const partOriginSchema = z.enum(['guest', 'vmm', 'firecracker', 'tap', 'qmp']);
export type PartOrigin = z.infer<typeof partOriginSchema>;

/** Why a part has no values. */
export const missingReasonSchema = z.enum([
  ...pullFailureKindSchema.options,
  /** Of a part of the host's view: `absent`, `forbidden`, `pending` and the like. */
  ...partProblemSchema.options.filter(
    (reason) => reason !== 'timeout' && reason !== 'unreachable' && reason !== 'malformed',
  ),
  /** A rate needs two samples. */
  'first_sample',
  'rebooted',
  /** A counter went back without a reboot. */
  'counter_reset',
  /** The clocks of the guest and the manager disagree about how much time went by. */
  'clock_jump',
  /** The sample before is too old to say anything about now. */
  'gap',
  /** The agent answered, but could not read this part itself. */
  'not_reported',
  /** The VM has no host whose agent could be asked. */
  'no_host',
  'host_unreachable',
  /** The host was asked and sees no such VMM. */
  'no_vmm',
  /** More than one VMM of the host fits. */
  'ambiguous_vmm',
]);
export type MissingReason = z.infer<typeof missingReasonSchema>;

const rate = countSchema.nullable();
const percent = percentSchema.nullable();
const bytes = countSchema.nullable();
const origins = z.object({
  cpu: partOriginSchema.nullable(),
  memory: partOriginSchema.nullable(),
  network: partOriginSchema.nullable(),
  disk: partOriginSchema.nullable(),
});
const reasons = z.object({
  cpu: missingReasonSchema.nullable(),
  memory: missingReasonSchema.nullable(),
  network: missingReasonSchema.nullable(),
  disk: missingReasonSchema.nullable(),
});

export const vmmStateSchema = z.enum([
  'running',
  /** By QMP: the guest's vCPUs stand still. */
  'paused',
  /** The process itself is stopped: SIGSTOP, or a debugger. */
  'stopped',
  'gone',
  'unknown',
]);
export type VmmState = z.infer<typeof vmmStateSchema>;

/** The VM as its host sees it: beside the guest's own view, or instead of it. */
export const hostViewSchema = z.object({
  host_id: z.uuid(),
  taken_at: unixMsSchema,
  vmm_state: vmmStateSchema,
  /** As QMP names it: running, paused, shutdown, … */
  qmp_status: nameSchema.nullable(),
  kind: vmmKindSchema.nullable(),
  pid: z.int().positive().nullable(),
  started_at: unixMsSchema.nullable(),
  /** Of the vCPUs, 100 when all of them are busy. */
  cpu_usage_percent: percent,
  vcpu_count: z.int().positive().nullable(),
  /** Of the whole VMM, in CPUs: 1.5 is one and a half. */
  process_cpus: rate,
  memory_usage_percent: percent,
  memory_rss_bytes: bytes,
  memory_pss_bytes: bytes,
  memory_configured_bytes: bytes,
  network_rx_bytes_per_second: rate,
  network_tx_bytes_per_second: rate,
  disk_read_bytes_per_second: rate,
  disk_write_bytes_per_second: rate,
  origins,
  reasons,
});
export type HostView = z.infer<typeof hostViewSchema>;

const networkRateSchema = z.object({
  device: nameSchema,
  operstate: nameSchema.nullable(),
  rx_bytes_per_second: rate,
  tx_bytes_per_second: rate,
  /** Errors and drops of both directions. */
  problems_per_second: rate,
});

const diskRateSchema = z.object({
  device: nameSchema,
  read_bytes_per_second: rate,
  write_bytes_per_second: rate,
  reads_per_second: rate,
  writes_per_second: rate,
  busy_percent: percent,
});

const filesystemUseSchema = z.object({
  device: nameSchema,
  mountpoint: z.string().max(4096),
  fstype: nameSchema,
  readonly: z.boolean(),
  size_bytes: bytes,
  used_bytes: bytes,
  available_bytes: bytes,
  usage_percent: percent,
  error: z.string().max(512).nullable(),
});

export const readingSchema = z.object({
  vm_id: z.uuid(),
  /** By the manager's clock: when the values arrived, or when it was found that none did. */
  taken_at: unixMsSchema,
  /** How old the values were when this reading was made. */
  age_ms: countSchema,
  state: vmStateSchema,
  origin: originSchema,
  /** Why the guest's agent is not the origin; null while it is. */
  reason: pullFailureKindSchema.nullable(),
  /** The same in a sentence: `connect ECONNREFUSED 10.0.0.5:8080`. */
  message: z.string().max(512).nullable(),
  reasons,
  origins,
  /** `verified`: the agent said this VM's id. `unverified`: it is not enrolled. Null: no answer yet. */
  identity: z.enum(['verified', 'unverified']).nullable(),
  /** The last time that the guest's agent answered; null: never. */
  agent_seen_at: unixMsSchema.nullable(),
  boot_id: bootIdSchema.nullable(),
  uptime_seconds: countSchema.nullable(),
  /** What the guest's clock says minus what the manager's does. */
  clock_offset_ms: z.int().nullable(),
  pull_seconds: countSchema.nullable(),
  /** When the agent is asked again, of one that has failed for a while; null: at the next turn. */
  next_pull_at: unixMsSchema.nullable(),

  cpu_usage_percent: percent,
  cpu_user_percent: percent,
  cpu_system_percent: percent,
  cpu_iowait_percent: percent,
  cpu_steal_percent: percent,
  cpu_count: z.int().positive().nullable(),
  /** By core, in the order of their numbers. */
  cores: z
    .array(z.object({ cpu: z.int().nonnegative(), usage_percent: percent }))
    .max(MAX_LIST)
    .nullable(),

  memory_usage_percent: percent,
  memory_used_bytes: bytes,
  memory_total_bytes: bytes,
  memory_available_bytes: bytes,
  memory_cached_bytes: bytes,
  swap_used_bytes: bytes,
  swap_total_bytes: bytes,

  load1: rate,
  load5: rate,
  load15: rate,
  /** Share of the last ten seconds in which some task waited. */
  pressure_cpu_percent: percent,
  pressure_memory_percent: percent,
  pressure_io_percent: percent,

  process_count: countSchema.nullable(),
  processes_running: countSchema.nullable(),
  processes_blocked: countSchema.nullable(),

  network_rx_bytes_per_second: rate,
  network_tx_bytes_per_second: rate,
  network_problems_per_second: rate,
  disk_read_bytes_per_second: rate,
  disk_write_bytes_per_second: rate,
  disk_reads_per_second: rate,
  disk_writes_per_second: rate,
  /** How long a finished read or write had taken, on average; null where there was none. */
  disk_read_await_seconds: rate,
  disk_write_await_seconds: rate,
  /** Of the busiest disk. */
  disk_busy_percent: percent,
  /** Of the fullest filesystem that can be written to. */
  filesystem_usage_percent: percent,

  networks: z.array(networkRateSchema).max(MAX_LIST).nullable(),
  disks: z.array(diskRateSchema).max(MAX_LIST).nullable(),
  filesystems: z.array(filesystemUseSchema).max(MAX_LIST).nullable(),
  top: z.array(processEntrySchema).max(100).nullable(),
  /** When the guest made that list, by the manager's clock; null without one. */
  top_at: unixMsSchema.nullable(),

  /** Null where the VM has no host, or its host has not been asked yet. */
  host: hostViewSchema.nullable(),
});

export type Reading = z.infer<typeof readingSchema>;
