/**
 * What a host agent answers to `/metrics/process-stats`: every virtual machine monitor (VMM) of the
 * hypervisor, as the host sees it. Each part stands alone: it has values, or it says why not.
 */
import { z } from 'zod';
import {
  bootIdSchema,
  countSchema,
  MAX_LIST,
  nameSchema,
  pathSchema,
  percentSchema,
  unixMsSchema,
  vmIdSchema,
} from './fields.ts';

export const vmmKindSchema = z.enum(['qemu', 'firecracker', 'cloud-hypervisor']);
export type VmmKind = z.infer<typeof vmmKindSchema>;

/** Why a part has no values. */
export const partProblemSchema = z.enum([
  /** The VMM has no such thing: no tap, no QMP socket, no cgroup of its own. */
  'absent',
  /** The agent may not; `message` names the capability or the setting that would allow it. */
  'forbidden',
  /** No answer within the deadline; not asked again before `retry_at`. */
  'timeout',
  'unreachable',
  'malformed',
  /** Nothing has come yet: the first answer of a source that was just opened. */
  'pending',
]);
export type PartProblem = z.infer<typeof partProblemSchema>;

const missingPartSchema = z.object({
  ok: z.literal(false),
  reason: partProblemSchema,
  message: z.string().max(512),
  retry_at: unixMsSchema.optional(),
});

export type MissingPart = z.infer<typeof missingPartSchema>;

const part = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), ...shape }), missingPartSchema]);

/** The tap's counters turned to the guest's side: what the tap receives, the guest has sent. */
const tapSchema = z.object({
  tap: nameSchema,
  receive_bytes_total: countSchema,
  receive_packets_total: countSchema,
  receive_errs_total: countSchema,
  receive_drop_total: countSchema,
  transmit_bytes_total: countSchema,
  transmit_packets_total: countSchema,
  transmit_errs_total: countSchema,
  transmit_drop_total: countSchema,
});

/** Cumulative since the agent first read this VMM's metrics; `since` says when. */
const firecrackerPartSchema = part({
  since: unixMsSchema,
  /** `utc_timestamp_ms` of the newest line. */
  taken_at: unixMsSchema,
  net: z
    .array(
      z.object({
        device: nameSchema,
        receive_bytes_total: countSchema,
        receive_packets_total: countSchema,
        transmit_bytes_total: countSchema,
        transmit_packets_total: countSchema,
      }),
    )
    .max(MAX_LIST),
  block: z
    .array(
      z.object({
        device: nameSchema,
        read_bytes_total: countSchema,
        reads_completed_total: countSchema,
        written_bytes_total: countSchema,
        writes_completed_total: countSchema,
      }),
    )
    .max(MAX_LIST),
  lines_total: countSchema,
  malformed_lines_total: countSchema,
  /** What Firecracker itself says it could not write (`logger.missed_metrics_count`). */
  lost_lines_total: countSchema,
  /** Times the VMM started its counters anew. */
  restarts_total: countSchema,
  /** Why the agent cannot make Firecracker flush; null when it can, or has not tried yet. */
  flush_problem: z.string().max(512).nullable(),
});

const qmpPartSchema = part({
  /** As `query-status` names it: running, paused, shutdown, … */
  status: nameSchema,
  running: z.boolean(),
  block: z
    .array(
      z.object({
        device: nameSchema,
        read_bytes_total: countSchema,
        reads_completed_total: countSchema,
        written_bytes_total: countSchema,
        writes_completed_total: countSchema,
      }),
    )
    .max(MAX_LIST),
  /** What the balloon leaves to the guest; null without a balloon. */
  balloon_bytes: countSchema.nullable(),
});

export const vmmProcessSchema = z.object({
  kind: vmmKindSchema,
  /** Pid and start time together are the identity: a pid that is used again is another VM. */
  pid: z.int().positive(),
  start_ticks: countSchema,
  started_at: unixMsSchema.nullable(),
  /** `-uuid`, `-name guest=`, `--id`; null where the command line does not tell. */
  uuid: nameSchema.nullable(),
  name: nameSchema.nullable(),
  id: nameSchema.nullable(),
  /** The manager's id, where its locators named this process. */
  vm_id: vmIdSchema.nullable(),
  /** `stopped` is SIGSTOP or a debugger; a paused guest is running here and `paused` in `qmp`. */
  state: z.enum(['running', 'stopped', 'zombie']),
  process: part({
    /** Of the whole VMM, emulation and I/O threads included. */
    cpu_seconds_total: countSchema,
    threads: z.int().nonnegative(),
  }),
  vcpus: part({
    count: z.int().positive(),
    cpu_seconds_total: countSchema,
    vcpus: z
      .array(z.object({ vcpu: z.int().nonnegative(), cpu_seconds_total: countSchema }))
      .max(4096),
  }),
  memory: part({
    rss_bytes: countSchema,
    /** What the command line or config gives the guest. */
    configured_bytes: countSchema.nullable(),
    swap_bytes: countSchema.nullable(),
    /** Dear to read, so only now and then; `pss_at` says when. */
    pss_bytes: countSchema.nullable(),
    pss_at: unixMsSchema.nullable(),
    /** Why `pss_bytes` is null; null where it is not. */
    pss_missing: missingPartSchema.nullable(),
  }),
  io: part({ read_bytes_total: countSchema, write_bytes_total: countSchema }),
  cgroup: part({
    path: pathSchema,
    cpu_seconds_total: countSchema.nullable(),
    memory_bytes: countSchema.nullable(),
  }),
  network: part({ taps: z.array(tapSchema).max(MAX_LIST) }),
  firecracker: firecrackerPartSchema,
  qmp: qmpPartSchema,
});

export type VmmProcess = z.infer<typeof vmmProcessSchema>;

export const processStatsSchema = z.object({
  boot_id: bootIdSchema.nullable(),
  taken_at: unixMsSchema,
  cpu_count: z.int().positive().nullable(),
  memory_total_bytes: countSchema.nullable(),
  host_cpu_usage_percent: percentSchema.nullable(),
  vms: z.array(vmmProcessSchema).max(MAX_LIST),
  /** Locators that led to no process, or that may not be used. */
  unmatched: z
    .array(
      z.object({
        vm_id: vmIdSchema.nullable(),
        reason: partProblemSchema,
        message: z.string().max(512),
      }),
    )
    .max(MAX_LIST),
});

export type ProcessStats = z.infer<typeof processStatsSchema>;

/** What the manager knows of a VM that the command line does not tell. */
export const locatorSchema = z.object({
  vm_id: vmIdSchema,
  pid: z.int().positive().optional(),
  pidfile: pathSchema.optional(),
  api_socket: pathSchema.optional(),
  metrics_fifo: pathSchema.optional(),
  qmp_socket: pathSchema.optional(),
  taps: z.array(z.string().min(1).max(15)).max(64).optional(),
});

export type Locator = z.infer<typeof locatorSchema>;

export const processStatsRequestSchema = z.object({
  vms: z.array(locatorSchema).max(MAX_LIST),
  /** Reads the proportional set size of every VMM in this call. */
  pss: z.boolean().optional(),
});

export type ProcessStatsRequest = z.infer<typeof processStatsRequestSchema>;
