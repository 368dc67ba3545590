/** Runs: one command on one VM or on many, as `/v1/runs` takes and gives them. */
import { z } from 'zod';
import { parameterNameSchema } from './command.ts';
import {
  MAX_ARGUMENT_CHARACTERS,
  MAX_ARGUMENTS,
  MAX_SCRIPT_CHARACTERS,
  progressPatternSchema,
  progressSchema,
} from './exec.ts';
import { countSchema, pathSchema, unixMsSchema } from './fields.ts';
import { vmNameSchema } from './vm.ts';

export const MAX_RUN_TARGETS = 5000;
export const MAX_RUN_OUTPUT_BYTES = 256 * 1024 * 1024;
/** What an agent ends a command at that is asked about: the most that agents take, unless they are set otherwise. */
export const ASKED_LIMIT_SECONDS = 86_400;

/** At its timeout a command is ended by its agent, or goes on, and people are asked. */
const onTimeoutSchema = z.enum(['kill', 'ask']);

const textSchema = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\0'), 'must not contain NUL');

/** One of `argv`, `script` and `command_id`, and how to run it. */
const whatFields = {
  argv: z.array(textSchema(MAX_ARGUMENT_CHARACTERS)).min(1).max(MAX_ARGUMENTS).optional(),
  script: textSchema(MAX_SCRIPT_CHARACTERS).min(1).optional(),
  command_id: z.uuid().toLowerCase().optional(),
  /** Of a saved command. */
  parameters: z.record(parameterNameSchema, textSchema(4096)).optional(),
  /** What the run is called; left out: the saved command's name, or the command's first words. */
  name: vmNameSchema.optional(),
  interpreter: z.string().min(1).max(500).optional(),
  cwd: pathSchema.regex(/^\/[^\0]*$/u, 'must be an absolute path').optional(),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w{0,127}$/u), textSchema(MAX_ARGUMENT_CHARACTERS))
    .refine((env) => Object.keys(env).length <= 200, 'at most 200 variables')
    .optional(),
  user: z
    .string()
    .regex(/^\w[\w.-]{0,63}$/u)
    .optional(),
  stdin: z
    .string()
    .max(1024 * 1024)
    .optional(),
  timeout_seconds: z.number().positive().max(604_800).optional(),
  on_timeout: onTimeoutSchema.default('kill'),
  max_output_bytes: z.int().positive().max(MAX_RUN_OUTPUT_BYTES).optional(),
  progress_patterns: z.array(progressPatternSchema).max(32).optional(),
  /** A VM whose agent does not answer: `fail` at once, or `wait` for `wait_seconds`. */
  offline: z.enum(['fail', 'wait']).default('fail'),
  wait_seconds: z.int().min(1).max(604_800).default(3600),
};

const howFields = {
  /** How many VMs at one time. */
  concurrency: z.int().min(1).max(500).default(50),
  /** So many first; the rest follow when all of these have succeeded. */
  canary: z.int().min(1).max(MAX_RUN_TARGETS).optional(),
  /** After so many failures no further VM is begun. */
  max_failures: z.int().min(1).max(MAX_RUN_TARGETS).optional(),
};

const isOneCommand = ({ argv, script, command_id: id }: Record<string, unknown>): boolean =>
  [argv, script, id].filter((given) => given !== undefined).length === 1;
const ONE_COMMAND = { message: 'must have one of argv, script and command_id', path: ['argv'] };

export const runTargetsSchema = z.union(
  [
    z.strictObject({ vm_ids: z.array(z.uuid().toLowerCase()).min(1).max(MAX_RUN_TARGETS) }),
    z.strictObject({ selector: z.string().max(1024) }),
  ],
  { error: 'must be {"vm_ids":[…]} or {"selector":"env=prod"}' },
);
export type RunTargets = z.infer<typeof runTargetsSchema>;

/** `POST /v1/vms/:id/exec`. */
export const vmExecSchema = z.strictObject(whatFields).refine(isOneCommand, ONE_COMMAND);
/** `POST /v1/runs`. */
export const runCreateSchema = z
  .strictObject({ ...whatFields, ...howFields, targets: runTargetsSchema })
  .refine(isOneCommand, ONE_COMMAND);
export type RunCreate = z.infer<typeof runCreateSchema>;

/** `POST /v1/runs/:id/executions/:eid/timeout`: what becomes of a command at its timeout. */
export const timeoutAnswerSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('wait'),
    /** From now on; left out: as long as the run's timeout. */
    seconds: z.number().positive().max(ASKED_LIMIT_SECONDS).optional(),
  }),
  z.strictObject({ action: z.literal('leave') }),
]);
export type TimeoutAnswer = z.infer<typeof timeoutAnswerSchema>;

export const runCreatedSchema = z.object({ run_id: z.uuid() });

/** `stopping` ends as `stopped`; all others go on to `finished` unless they are stopped. */
export const runStateSchema = z.enum(['running', 'paused', 'stopping', 'stopped', 'finished']);
export type RunState = z.infer<typeof runStateSchema>;

/** Why a run is paused or stopped. */
export const runReasonSchema = z.enum(['requested', 'canary_failed', 'max_failures']);
export type RunReason = z.infer<typeof runReasonSchema>;

/**
 * `queued` was not sent yet; `starting` may have been; of `lost` nobody knows how it ended.
 * `refused`, `unreachable` and `cancelled` never began.
 */
export const executionStateSchema = z.enum([
  'queued',
  'starting',
  'running',
  'exited',
  'refused',
  'unreachable',
  'cancelled',
  'lost',
]);
export type ExecutionState = z.infer<typeof executionStateSchema>;

export const runExecutionSchema = z.object({
  id: z.uuid(),
  vm_id: z.uuid(),
  vm_name: vmNameSchema,
  state: executionStateSchema,
  /** Null until it has ended, and where a signal has ended it. */
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  timed_out: z.boolean(),
  started_at: unixMsSchema.nullable(),
  ended_at: unixMsSchema.nullable(),
  duration_seconds: countSchema.nullable(),
  stop_requested_at: unixMsSchema.nullable(),
  /**
   * It runs for longer than it should since then, and somebody has to say what becomes of it.
   * Events that were stored before there was such a thing have none of the three.
   */
  overdue_since: unixMsSchema.nullable().default(null),
  /** Somebody has said so: until then it is not asked about, or (`left_at`) not at all any more. */
  extended_until: unixMsSchema.nullable().default(null),
  left_at: unixMsSchema.nullable().default(null),
  /** What it has written in all, as far as is known. */
  output_bytes: countSchema,
  /** What of it is not kept. */
  dropped_bytes: countSchema,
  progress: progressSchema.nullable(),
  /** Why it did not begin, or is lost; or why it still waits. */
  problem: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type RunExecution = z.infer<typeof runExecutionSchema>;

export const runCountsSchema = z.object({
  total: countSchema,
  queued: countSchema,
  /** Starting or running. */
  active: countSchema,
  /** Exit code 0. */
  succeeded: countSchema,
  failed: countSchema,
  cancelled: countSchema,
});
export type RunCounts = z.infer<typeof runCountsSchema>;

/** What is run, for whoever may read output: environment and input without their contents. */
export const runWhatSchema = z.object({
  argv: z.array(z.string()).nullable(),
  script: z.string().nullable(),
  interpreter: z.string().nullable(),
  cwd: z.string().nullable(),
  user: z.string().nullable(),
  env_names: z.array(z.string()),
  stdin_bytes: countSchema,
});
export type RunWhat = z.infer<typeof runWhatSchema>;

export const runSummarySchema = z.object({
  id: z.uuid(),
  name: vmNameSchema,
  state: runStateSchema,
  reason: runReasonSchema.nullable(),
  command_id: z.uuid().nullable(),
  retry_of: z.uuid().nullable(),
  actor: z.object({ kind: z.enum(['token', 'session', 'system']), name: z.string() }),
  created_at: unixMsSchema,
  ended_at: unixMsSchema.nullable(),
  /** Of the VMs that one may see. */
  counts: runCountsSchema,
});
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runSchema = runSummarySchema.extend({
  timeout_seconds: countSchema,
  on_timeout: onTimeoutSchema,
  /** When the agent ends it, whatever anybody says; with `kill` that is its timeout. */
  limit_seconds: countSchema,
  max_output_bytes: countSchema,
  concurrency: countSchema,
  canary: countSchema.nullable(),
  max_failures: countSchema.nullable(),
  selector: z.string().nullable(),
  wait_until: unixMsSchema.nullable(),
  /** Null for whoever may not read output. */
  what: runWhatSchema.nullable(),
  executions: z.array(runExecutionSchema),
});
export type Run = z.infer<typeof runSchema>;

const eventFields = { seq: z.int().positive(), at: unixMsSchema };

/** What happens in a run, numbered from 1 on. One may not see all of it, so numbers may be missing. */
export const runEventSchema = z.discriminatedUnion('kind', [
  z.object({
    ...eventFields,
    kind: z.literal('output'),
    execution_id: z.uuid(),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
  }),
  z.object({
    ...eventFields,
    kind: z.literal('progress'),
    execution_id: z.uuid(),
    ...progressSchema.shape,
  }),
  z.object({
    ...eventFields,
    kind: z.literal('dropped'),
    execution_id: z.uuid(),
    /** `limit`: more than `max_output_bytes`; `overwritten`: the agent had it no more. */
    reason: z.enum(['limit', 'overwritten']),
    /** Events; null where the amount is told at the end, in `dropped_bytes`. */
    count: z.int().positive().nullable(),
  }),
  z.object({ ...eventFields, kind: z.literal('execution'), execution: runExecutionSchema }),
  z.object({
    ...eventFields,
    kind: z.literal('run'),
    state: runStateSchema,
    reason: runReasonSchema.nullable(),
  }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;

/** Targets that ended in the same way. */
export const runGroupSchema = z.object({
  state: executionStateSchema,
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  count: countSchema,
  /** The first of them, by name. */
  executions: z.array(z.object({ id: z.uuid(), vm_id: z.uuid(), vm_name: z.string() })),
  /** The output of one of them, its end where it is long. */
  sample: z.string(),
  sample_is_cut: z.boolean(),
  /** Against the largest group; null for that one. `cut`: there is more. */
  diff: z
    .object({
      lines: z.array(z.object({ op: z.enum([' ', '+', '-']), text: z.string() })),
      cut: z.boolean(),
    })
    .nullable(),
});
export type RunGroup = z.infer<typeof runGroupSchema>;

export const runGroupsSchema = z.object({
  /** "48 identical, 2 differ". */
  identical: countSchema,
  differing: countSchema,
  unfinished: countSchema,
  groups: z.array(runGroupSchema),
  /** Groups that are not listed. */
  more_groups: countSchema,
});
export type RunGroups = z.infer<typeof runGroupsSchema>;

/** A log with `format=json`: this first, then a line each, then a trailer. */
export const executionLogHeaderSchema = z.object({
  header: z.literal(true),
  run_id: z.uuid(),
  command: z.string(),
  execution: runExecutionSchema,
});
export const executionLogLineSchema = z.object({
  at: unixMsSchema,
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});
export const executionLogTrailerSchema = z.object({
  trailer: z.literal(true),
  /** False: the command still runs, or the download was cut short. */
  complete: z.boolean(),
  /** Why it was cut short. */
  reason: z.string().nullable(),
  execution: runExecutionSchema,
});
export type ExecutionLogHeader = z.infer<typeof executionLogHeaderSchema>;
export type ExecutionLogLine = z.infer<typeof executionLogLineSchema>;
export type ExecutionLogTrailer = z.infer<typeof executionLogTrailerSchema>;

export const runSubscriptionSchema = z.strictObject({
  run_id: z.uuid().toLowerCase(),
  /** The last event that one has; 0 or left out: from the beginning, or the last of it. */
  after: z.int().nonnegative().optional(),
});
export const runUnsubscriptionSchema = z.strictObject({ run_id: z.uuid().toLowerCase() });

/** One batch of a subscription. */
export const runEventsSchema = z.object({
  run_id: z.uuid(),
  events: z.array(runEventSchema),
  /** All up to and with this one have been told, or are not for this actor. */
  through: z.int().nonnegative(),
  /** Events that were left out because the client is too far behind: ask for the run again. */
  skipped: countSchema,
});
export type RunEvents = z.infer<typeof runEventsSchema>;
