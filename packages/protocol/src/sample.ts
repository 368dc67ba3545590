/**
 * What an agent answers to `GET /metrics?format=json`: its own view of the last seconds, then the
 * raw counters from which whoever pulls computes rates.
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
import { processEntrySchema } from './process-entry.ts';

/** Seconds since boot by mode; null where the kernel does not have the mode. */
const cpuSecondsSchema = z.object({
  user: countSchema,
  nice: countSchema,
  system: countSchema,
  idle: countSchema,
  iowait: countSchema.nullable(),
  irq: countSchema.nullable(),
  softirq: countSchema.nullable(),
  steal: countSchema.nullable(),
  guest: countSchema.nullable(),
  guest_nice: countSchema.nullable(),
});

export type CpuSeconds = z.infer<typeof cpuSecondsSchema>;

const cpuSchema = z.object({
  count: z.int().positive(),
  seconds: cpuSecondsSchema,
  cores: z.array(z.object({ cpu: z.int().nonnegative(), seconds: cpuSecondsSchema })).max(MAX_LIST),
});

const memorySchema = z.object({
  total_bytes: countSchema,
  available_bytes: countSchema,
  used_bytes: countSchema,
  free_bytes: countSchema,
  buffers_bytes: countSchema.nullable(),
  cached_bytes: countSchema.nullable(),
  shared_bytes: countSchema.nullable(),
  slab_reclaimable_bytes: countSchema.nullable(),
  dirty_bytes: countSchema.nullable(),
  committed_bytes: countSchema.nullable(),
});

const swapSchema = z.object({
  total_bytes: countSchema,
  free_bytes: countSchema,
  used_bytes: countSchema,
});

const loadSchema = z.object({
  load1: z.number().nonnegative(),
  load5: z.number().nonnegative(),
  load15: z.number().nonnegative(),
});

const stallSchema = z.object({
  avg10: percentSchema,
  avg60: percentSchema,
  avg300: percentSchema,
  total_seconds: countSchema,
});

const pressureOfSchema = z
  .object({ some: stallSchema.nullable(), full: stallSchema.nullable() })
  .nullable();

const pressureSchema = z.object({
  cpu: pressureOfSchema,
  memory: pressureOfSchema,
  io: pressureOfSchema,
});

const diskSchema = z.object({
  device: nameSchema,
  reads_completed_total: countSchema,
  read_bytes_total: countSchema,
  read_seconds_total: countSchema,
  writes_completed_total: countSchema,
  written_bytes_total: countSchema,
  write_seconds_total: countSchema,
  io_seconds_total: countSchema,
  io_weighted_seconds_total: countSchema,
  io_in_progress: countSchema,
});

const filesystemSchema = z.object({
  device: nameSchema,
  mountpoint: pathSchema,
  fstype: nameSchema,
  readonly: z.boolean(),
  /** Null, all of them, where `error` says why. */
  size_bytes: countSchema.nullable(),
  free_bytes: countSchema.nullable(),
  available_bytes: countSchema.nullable(),
  files: countSchema.nullable(),
  files_free: countSchema.nullable(),
  error: z.string().max(512).nullable(),
});

const networkSchema = z.object({
  device: nameSchema,
  operstate: nameSchema.nullable(),
  receive_bytes_total: countSchema,
  receive_packets_total: countSchema,
  receive_errs_total: countSchema,
  receive_drop_total: countSchema,
  transmit_bytes_total: countSchema,
  transmit_packets_total: countSchema,
  transmit_errs_total: countSchema,
  transmit_drop_total: countSchema,
});

const sampleProcessesSchema = z.object({
  total: z.int().nonnegative().nullable(),
  running: z.int().nonnegative().nullable(),
  blocked: z.int().nonnegative().nullable(),
  /** When total and top were counted: at most ten seconds before `taken_at`. */
  scanned_at: unixMsSchema.nullable(),
  top: z.array(processEntrySchema).max(100),
});

const collectorStatusSchema = z.object({
  ok: z.boolean(),
  seconds: z.number().nonnegative(),
  error: z.string().max(512).optional(),
});

export const sampleSchema = z.object({
  vm_id: vmIdSchema.nullable(),
  boot_id: bootIdSchema.nullable(),
  taken_at: unixMsSchema,
  uptime_seconds: countSchema.nullable(),
  cpu_usage_percent: percentSchema.nullable(),
  memory_usage_percent: percentSchema.nullable(),
  memory_used_kb: countSchema.nullable(),
  memory_total_kb: countSchema.nullable(),
  memory_available_kb: countSchema.nullable(),
  /** Over one minute. */
  load_average: z.number().nonnegative().nullable(),
  process_count: z.int().nonnegative().nullable(),
  cpu: cpuSchema.nullable(),
  memory: memorySchema.nullable(),
  swap: swapSchema.nullable(),
  load: loadSchema.nullable(),
  pressure: pressureSchema.nullable(),
  disks: z.array(diskSchema).max(MAX_LIST).nullable(),
  filesystems: z.array(filesystemSchema).max(MAX_LIST).nullable(),
  networks: z.array(networkSchema).max(MAX_LIST).nullable(),
  processes: sampleProcessesSchema,
  collectors: z.record(nameSchema, collectorStatusSchema),
});

export type Sample = z.infer<typeof sampleSchema>;
