/** Rows of `run` and `execution` as records. */
import {
  execRequestSchema,
  executionStateSchema,
  progressSchema,
  runReasonSchema,
  runStateSchema,
} from '@innkeeper/protocol';
import { z } from 'zod';
import type { ExecutionRecord, RunRecord } from '../run-record.ts';

const ms = (column: string): string =>
  `round(extract(epoch FROM ${column}) * 1000)::float8 AS ${column}`;

export const RUN_COLUMNS = `
  key::float8 AS key, id, name, state, reason, request, command_id, retry_of, selector, concurrency,
  ask_after_seconds, canary, max_failures, ${ms('wait_until')}, actor_kind, actor_id, actor_name, remote_address,
  ${ms('created_at')}, ${ms('ended_at')}`;

export const EXECUTION_COLUMNS = `
  key::float8 AS key, id, run_key::float8 AS run_key, vm_id, vm_name, state, sends,
  signed_at::float8 AS signed_at, ${ms('started_at')}, ${ms('ended_at')},
  ${ms('stop_requested_at')}, ${ms('overdue_since')}, ${ms('extended_until')}, ${ms('left_at')},
  exit_code, signal, timed_out, duration_seconds,
  last_event_id::float8 AS last_event_id, output_bytes::float8 AS output_bytes,
  dropped_bytes::float8 AS dropped_bytes, stored_bytes::float8 AS stored_bytes, progress,
  problem_code, problem_message`;

const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullable().transform((value) => value ?? undefined);

const requestSchema = z
  .instanceof(Buffer)
  .transform((bytes) => execRequestSchema.parse(JSON.parse(bytes.toString('utf8'))));

const runRowSchema = z.object({
  key: z.number(),
  id: z.string(),
  name: z.string(),
  state: runStateSchema,
  reason: optional(runReasonSchema),
  request: requestSchema,
  command_id: optional(z.string()),
  retry_of: optional(z.string()),
  selector: optional(z.string()),
  concurrency: z.number(),
  ask_after_seconds: optional(z.number()),
  canary: optional(z.number()),
  max_failures: optional(z.number()),
  wait_until: optional(z.number()),
  actor_kind: z.enum(['token', 'session', 'system']),
  actor_id: optional(z.string()),
  actor_name: z.string(),
  remote_address: optional(z.string()),
  created_at: z.number(),
  ended_at: optional(z.number()),
});

export const toRunRecord = (given: unknown): RunRecord => {
  const row = runRowSchema.parse(given);
  return {
    key: row.key,
    id: row.id,
    name: row.name,
    state: row.state,
    reason: row.reason,
    request: row.request,
    askAfterSeconds: row.ask_after_seconds,
    commandId: row.command_id,
    retryOf: row.retry_of,
    selector: row.selector,
    concurrency: row.concurrency,
    canary: row.canary,
    maxFailures: row.max_failures,
    waitUntil: row.wait_until,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    remoteAddress: row.remote_address,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
};

const executionRowSchema = z.object({
  key: z.number(),
  id: z.string(),
  run_key: z.number(),
  vm_id: z.string(),
  vm_name: z.string(),
  state: executionStateSchema,
  sends: z.number(),
  signed_at: optional(z.number()),
  started_at: optional(z.number()),
  ended_at: optional(z.number()),
  stop_requested_at: optional(z.number()),
  overdue_since: optional(z.number()),
  extended_until: optional(z.number()),
  left_at: optional(z.number()),
  exit_code: optional(z.number()),
  signal: optional(z.string()),
  timed_out: z.boolean(),
  duration_seconds: optional(z.number()),
  last_event_id: z.number(),
  output_bytes: z.number(),
  dropped_bytes: z.number(),
  stored_bytes: z.number(),
  progress: optional(progressSchema),
  problem_code: z.string().nullable(),
  problem_message: z.string().nullable(),
});

export const toExecutionRecord = (given: unknown): ExecutionRecord => {
  const row = executionRowSchema.parse(given);
  return {
    key: row.key,
    id: row.id,
    runKey: row.run_key,
    vmId: row.vm_id,
    vmName: row.vm_name,
    state: row.state,
    sends: row.sends,
    signedAt: row.signed_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    stopRequestedAt: row.stop_requested_at,
    overdueSince: row.overdue_since,
    extendedUntil: row.extended_until,
    leftAt: row.left_at,
    exitCode: row.exit_code,
    signal: row.signal,
    timedOut: row.timed_out,
    durationSeconds: row.duration_seconds,
    lastEventId: row.last_event_id,
    outputBytes: row.output_bytes,
    droppedBytes: row.dropped_bytes,
    storedBytes: row.stored_bytes,
    progress: row.progress,
    problem:
      row.problem_code === null
        ? undefined
        : { code: row.problem_code, message: row.problem_message ?? '' },
  };
};
