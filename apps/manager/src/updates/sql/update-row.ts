/** Rows of `agent_update` and `agent_update_step`. */
import { runReasonSchema, runStateSchema, updateStepStateSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { StepRecord, UpdateRecord } from '../update-record.ts';

export const UPDATE_COLUMNS = `agent_update.key::float8 AS key, agent_update.id,
  agent_update.version, agent_update.state, agent_update.reason, agent_update.selector,
  agent_update.concurrency, agent_update.canary, agent_update.max_failures,
  agent_update.allow_downgrade, agent_update.actor_kind, agent_update.actor_name,
  round(extract(epoch FROM agent_update.created_at) * 1000)::float8 AS created_at,
  round(extract(epoch FROM agent_update.ended_at) * 1000)::float8 AS ended_at`;

const updateSchema = z.object({
  key: z.number(),
  id: z.string(),
  version: z.string(),
  state: runStateSchema,
  reason: runReasonSchema.nullable(),
  selector: z.string().nullable(),
  concurrency: z.number(),
  canary: z.number().nullable(),
  max_failures: z.number().nullable(),
  allow_downgrade: z.boolean(),
  actor_kind: z.enum(['token', 'session', 'system']),
  actor_name: z.string(),
  created_at: z.number(),
  ended_at: z.number().nullable(),
});

export const toUpdateRecord = (row: unknown): UpdateRecord => {
  const parsed = updateSchema.parse(row);
  return {
    key: parsed.key,
    id: parsed.id,
    version: parsed.version,
    state: parsed.state,
    reason: parsed.reason ?? undefined,
    selector: parsed.selector ?? undefined,
    concurrency: parsed.concurrency,
    canary: parsed.canary ?? undefined,
    maxFailures: parsed.max_failures ?? undefined,
    allowDowngrade: parsed.allow_downgrade,
    actor: { kind: parsed.actor_kind, name: parsed.actor_name },
    createdAt: parsed.created_at,
    endedAt: parsed.ended_at ?? undefined,
  };
};

export const STEP_COLUMNS = `key::float8 AS key, update_key::float8 AS update_key, id, vm_id, vm_name,
  state, from_version, artefact, sha256,
  round(extract(epoch FROM started_at) * 1000)::float8 AS started_at,
  round(extract(epoch FROM ended_at) * 1000)::float8 AS ended_at, problem_code, problem_message`;

const stepSchema = z.object({
  key: z.number(),
  update_key: z.number(),
  id: z.string(),
  vm_id: z.string(),
  vm_name: z.string(),
  state: updateStepStateSchema,
  from_version: z.string().nullable(),
  artefact: z.string().nullable(),
  sha256: z.string().nullable(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  problem_code: z.string().nullable(),
  problem_message: z.string().nullable(),
});

export const toStepRecord = (
  row: unknown,
): { readonly updateKey: number; readonly step: StepRecord } => {
  const parsed = stepSchema.parse(row);
  const { problem_code: code, problem_message: message } = parsed;
  return {
    updateKey: parsed.update_key,
    step: {
      key: parsed.key,
      id: parsed.id,
      vmId: parsed.vm_id,
      vmName: parsed.vm_name,
      state: parsed.state,
      fromVersion: parsed.from_version ?? undefined,
      artefact: parsed.artefact ?? undefined,
      sha256: parsed.sha256 ?? undefined,
      startedAt: parsed.started_at ?? undefined,
      endedAt: parsed.ended_at ?? undefined,
      problem: code === null || message === null ? undefined : { code, message },
    },
  };
};
