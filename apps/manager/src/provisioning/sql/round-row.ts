/** Rows of `provisioning_round`, with their steps, as records. */
import {
  executionStateSchema,
  progressSchema,
  provisioningRoundSchema,
  provisioningStepStateSchema,
  provisioningWhenSchema,
} from '@innkeeper/protocol';
import { z } from 'zod';

const ms = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`;

/** Of `provisioning_round AS round`; the progress of a step is that of its execution. */
export const ROUND_COLUMNS = `
  round.key::text AS key, round.id, round.vm_id, round.boot_id, round.cause, round.requested_by,
  round.state, ${ms('round.created_at')} AS created_at, ${ms('round.ended_at')} AS ended_at,
  (SELECT coalesce(json_agg(json_build_object(
      'position', step.position, 'source', step.source, 'script_key', step.script_key,
      'name', step.name, 'when', step.run_when, 'path', step.path,
      'is_executable', step.is_executable, 'sha256', step.sha256, 'state', step.state,
      'again', step.again, 'attempts', step.attempts, 'run_id', step.run_id,
      'execution_id', step.execution_id, 'exit_code', step.exit_code, 'signal', step.signal,
      'timed_out', step.timed_out, 'started_at', ${ms('step.started_at')},
      'ended_at', ${ms('step.ended_at')}, 'problem_code', step.problem_code,
      'problem_message', step.problem_message,
      'last_lines', convert_from(step.last_lines, 'UTF8'),
      'execution', CASE WHEN execution.id IS NULL THEN NULL ELSE json_build_object(
        'state', execution.state, 'progress', execution.progress,
        'started_at', ${ms('execution.started_at')}, 'problem_code', execution.problem_code,
        'problem_message', execution.problem_message) END
    ) ORDER BY step.position), '[]')
    FROM provisioning_step AS step LEFT JOIN execution ON execution.id = step.execution_id
    WHERE step.round_key = round.key) AS steps`;

const stepSchema = z.object({
  position: z.number(),
  source: z.enum(['manager', 'guest']),
  script_key: z.string(),
  name: z.string(),
  when: provisioningWhenSchema,
  path: z.string().nullable(),
  is_executable: z.boolean().nullable(),
  sha256: z.string().nullable(),
  state: provisioningStepStateSchema,
  again: z.boolean(),
  attempts: z.number(),
  run_id: z.string().nullable(),
  execution_id: z.string().nullable(),
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
  timed_out: z.boolean(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  problem_code: z.string().nullable(),
  problem_message: z.string().nullable(),
  last_lines: z.string().nullable(),
  execution: z
    .object({
      state: executionStateSchema,
      progress: progressSchema.nullable(),
      started_at: z.number().nullable(),
      problem_code: z.string().nullable(),
      problem_message: z.string().nullable(),
    })
    .nullable(),
});
export type StepRow = z.infer<typeof stepSchema>;

const roundSchema = z.object({
  key: z.string(),
  id: z.string(),
  vm_id: z.string(),
  boot_id: z.string(),
  cause: provisioningRoundSchema.shape.cause,
  requested_by: z.string().nullable(),
  state: provisioningRoundSchema.shape.state,
  created_at: z.number(),
  ended_at: z.number().nullable(),
  steps: z.array(stepSchema),
});
export type RoundRow = z.infer<typeof roundSchema>;

export const toRounds = (rows: readonly unknown[]): RoundRow[] => z.array(roundSchema).parse(rows);
