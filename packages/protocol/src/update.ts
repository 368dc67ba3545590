/** Updates of agents: what an agent says of its own program, and `/v1/updates`. */
import { z } from 'zod';
import { countSchema, nameSchema, unixMsSchema, vmIdSchema } from './fields.ts';
import { MAX_RUN_TARGETS, runReasonSchema, runStateSchema, runTargetsSchema } from './run.ts';
import { updateStepStateSchema } from './update-state.ts';
import { vmNameSchema } from './vm.ts';

const problemSchema = z.object({ code: z.string().max(64), message: z.string().max(1000) });

/**
 * How far an agent is with an update. `trial`: it is the new version, and nobody has confirmed it.
 * `returned`: it was the new version, and is the old one again.
 */
const agentUpdateStateSchema = z.enum([
  'downloading',
  'swapping',
  'trial',
  'confirmed',
  'returned',
  'failed',
]);

/** `GET /update` of an agent. */
export const agentUpdateSchema = z.object({
  vm_id: vmIdSchema.nullable(),
  version: nameSchema,
  /** Which of the manager's artefacts it is: an update is the same one of another version. */
  artefact: nameSchema,
  /** Of the file that it was started from; null where that cannot be read. */
  sha256: z
    .string()
    .regex(/^[\da-f]{64}$/u)
    .nullable(),
  /** Why it updates itself not at all. */
  refusal: problemSchema.nullable(),
  /** The last one that was asked for. */
  attempt: z
    .object({
      id: z.string().max(64),
      version: nameSchema,
      state: agentUpdateStateSchema,
      problem: problemSchema.nullable(),
    })
    .nullable(),
});
export type AgentUpdate = z.infer<typeof agentUpdateSchema>;

/** `POST /update` of an agent. */
export interface AgentUpdateOrder {
  /** The same id is the same order: it is not begun twice. */
  readonly id: string;
  /** The bytes of the manager's `/download/manifest.json`, and its signature in base64. */
  readonly manifest: string;
  readonly signature: string;
  readonly allow_downgrade: boolean;
  /** So long the new version waits to be confirmed, before it puts the old one back. */
  readonly trial_seconds: number;
}

/** `POST /v1/updates`. */
export const updateCreateSchema = z.strictObject({
  targets: runTargetsSchema,
  /** Those first, by number or by their labels; the rest follow when all of these have succeeded. */
  canary: z
    .union([
      z.int().min(1).max(MAX_RUN_TARGETS),
      z.strictObject({ selector: z.string().max(1024) }),
    ])
    .optional(),
  concurrency: z.int().min(1).max(500).default(10),
  max_failures: z.int().min(1).max(MAX_RUN_TARGETS).optional(),
  allow_downgrade: z.boolean().default(false),
});
export type UpdateCreate = z.infer<typeof updateCreateSchema>;

export const updateCreatedSchema = z.object({ update_id: z.uuid() });

export const updateStepSchema = z.object({
  id: z.uuid(),
  vm_id: z.uuid(),
  vm_name: vmNameSchema,
  state: updateStepStateSchema,
  /** What the agent was before, as far as it has said so. */
  from_version: z.string().nullable(),
  artefact: z.string().nullable(),
  started_at: unixMsSchema.nullable(),
  ended_at: unixMsSchema.nullable(),
  /** Why it failed or was rolled back; or what it waits for. */
  problem: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type UpdateStep = z.infer<typeof updateStepSchema>;

export const updateCountsSchema = z.object({
  total: countSchema,
  waiting: countSchema,
  active: countSchema,
  done: countSchema,
  /** Rolled back, or failed. */
  failed: countSchema,
  cancelled: countSchema,
});
export type UpdateCounts = z.infer<typeof updateCountsSchema>;

export const updateSummarySchema = z.object({
  id: z.uuid(),
  version: z.string(),
  state: runStateSchema,
  reason: runReasonSchema.nullable(),
  actor: z.object({ kind: z.enum(['token', 'session', 'system']), name: z.string() }),
  created_at: unixMsSchema,
  ended_at: unixMsSchema.nullable(),
  /** Of the VMs that one may see. */
  counts: updateCountsSchema,
});
export type UpdateSummary = z.infer<typeof updateSummarySchema>;

export const updateSchema = updateSummarySchema.extend({
  concurrency: countSchema,
  canary: countSchema.nullable(),
  max_failures: countSchema.nullable(),
  allow_downgrade: z.boolean(),
  selector: z.string().nullable(),
  steps: z.array(updateStepSchema),
});
export type Update = z.infer<typeof updateSchema>;

/** Beside the list: what there is to update to, and who could be. */
export const updateOfferSchema = z.object({
  /** What the manager serves; null: no agent was built. */
  version: z.string().nullable(),
});
