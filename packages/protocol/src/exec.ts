/** Commands in a guest: what the agent's `/exec` takes, answers and streams. */
import { z } from 'zod';
import { countSchema, nameSchema, pathSchema, unixMsSchema } from './fields.ts';

export const MAX_ARGUMENTS = 1024;
export const MAX_ARGUMENT_CHARACTERS = 128 * 1024;
export const MAX_SCRIPT_CHARACTERS = 256 * 1024;

const idSchema = z.string().regex(/^[\w.:-]{1,128}$/u);
/** What no kernel takes as an argument or as a part of the environment. */
const argumentSchema = z
  .string()
  .max(MAX_ARGUMENT_CHARACTERS)
  .refine((text) => !text.includes('\0'), 'must not contain NUL');

/** A line of output that says how far a command is: plain text with {n}, {m} and {*} in it. */
export const progressPatternSchema = z.strictObject({
  pattern: z.string().min(1).max(200),
  phase: z.string().min(1).max(64),
});

const commonFields = {
  cwd: pathSchema.regex(/^\/[^\0]*$/u).optional(),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/u), argumentSchema)
    .refine((env) => Object.keys(env).length <= 256, 'at most 256 variables')
    .optional(),
  /** A name, or a number, that the guest's /etc/passwd has. */
  user: z
    .string()
    .regex(/^[\w][\w.-]{0,63}$/u)
    .optional(),
  stdin: z
    .string()
    .max(1024 * 1024)
    .optional(),
  timeout_seconds: z.number().positive().max(604_800).optional(),
  max_output_bytes: z.int().positive().optional(),
  /** Idempotency key: the same request under it again is the same execution. */
  id: idSchema.optional(),
  progress_patterns: z.array(progressPatternSchema).max(32).optional(),
  /** Runs only where nothing was begun under this key before, or where `again` is said. */
  once: z
    .strictObject({ key: z.string().regex(/^\w[\w.-]{0,159}$/u), again: z.boolean().optional() })
    .optional(),
};

export const execRequestSchema = z.union([
  z.strictObject({
    argv: z
      .tuple([argumentSchema.min(1)], argumentSchema)
      .refine((list) => list.length <= MAX_ARGUMENTS),
    ...commonFields,
  }),
  z.strictObject({
    script: z.string().min(1).max(MAX_SCRIPT_CHARACTERS),
    /** Words with spaces between them; without it the script's `#!` line counts, or /bin/sh. */
    interpreter: z.string().min(1).max(500).optional(),
    ...commonFields,
  }),
]);

export const progressSchema = z.object({
  phase: z.string().max(64),
  done: countSchema.nullable(),
  total: countSchema.nullable(),
});

/** One command. `exit_code` and `signal` are null until it has ended, and one of them after. */
export const executionSchema = z.object({
  id: idSchema,
  state: z.enum(['running', 'stopping', 'exited']),
  /** What was started; of a script its interpreter and where the script was put. */
  argv: z.array(z.string()),
  cwd: pathSchema,
  user: nameSchema.nullable(),
  /** For whom the manager asked. */
  subject: nameSchema.nullable(),
  pid: z.int().positive(),
  started_at: unixMsSchema,
  ended_at: unixMsSchema.nullable(),
  duration_seconds: countSchema,
  timeout_seconds: countSchema,
  exit_code: z.int().nonnegative().nullable(),
  signal: z.string().max(20).nullable(),
  timed_out: z.boolean(),
  /** A process that it has left behind still held its output, which was read no further. */
  output_held: z.boolean(),
  /** What it has written in all. */
  output_bytes: countSchema,
  /** What of it was left out, because it was more than `max_output_bytes`. */
  dropped_bytes: countSchema,
  last_event_id: z.int().nonnegative(),
  progress: progressSchema.nullable(),
});

/** With what is kept of the output; `missing_bytes` are its beginning, which is not kept any more. */
export const executionResultSchema = executionSchema.extend({
  stdout: z.string(),
  stderr: z.string(),
  missing_bytes: countSchema,
});

export const executionListSchema = z.object({ items: z.array(executionSchema) });

const at = { at: unixMsSchema };

/** The data of each event of a stream, by the event's name. */
export const execEventSchemas = {
  started: z.object({ ...at, id: idSchema, pid: z.int().positive() }),
  output: z.object({ ...at, stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  progress: z.object({ ...at, ...progressSchema.shape }),
  dropped: z.object({
    ...at,
    /** `limit`: more than `max_output_bytes`; `overwritten`: events that are not kept any more. */
    reason: z.enum(['limit', 'overwritten']),
    /** How many events; null for `limit`, which is told once, when it is reached. */
    count: z.int().positive().nullable(),
  }),
  exited: executionSchema
    .pick({
      exit_code: true,
      signal: true,
      timed_out: true,
      duration_seconds: true,
      output_held: true,
      output_bytes: true,
      dropped_bytes: true,
    })
    .extend(at),
} as const;

export type ExecEventName = keyof typeof execEventSchemas;

export const provisioningWhenSchema = z.enum(['first_boot', 'every_boot']);

/** A script that waits in the guest's folder for provisioning. */
export const provisionScriptSchema = z.object({
  name: z.string().regex(/^\w[\w.-]{0,127}$/u),
  path: pathSchema.regex(/^\/[^\p{Cc}\p{Cs}]*$/u),
  size_bytes: countSchema,
  executable: z.boolean(),
  /** `every_boot` where the name says `.every-boot`. */
  when: provisioningWhenSchema,
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/u)
    .nullable(),
  /** Why it must not be run: others than root or the agent's user could have written it. */
  refused: z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u)
    .nullable(),
});

export const provisionListSchema = z.object({
  folder: pathSchema,
  /** In the order in which they are to run: by name, as bytes. */
  scripts: z.array(provisionScriptSchema).max(64),
  /** Scripts that are not listed, because there are too many. */
  left_out: countSchema,
});

export type ExecRequest = z.infer<typeof execRequestSchema>;
export type ProgressPattern = z.infer<typeof progressPatternSchema>;
export type Progress = z.infer<typeof progressSchema>;
export type Execution = z.infer<typeof executionSchema>;
export type ExecutionResult = z.infer<typeof executionResultSchema>;
export type ExecutionList = z.infer<typeof executionListSchema>;
export type ExecEventData = { [Name in ExecEventName]: z.infer<(typeof execEventSchemas)[Name]> };
export type ProvisionScript = z.infer<typeof provisionScriptSchema>;
export type ProvisionList = z.infer<typeof provisionListSchema>;
