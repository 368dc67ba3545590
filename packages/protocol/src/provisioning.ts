/** Provisioning: scripts that the manager runs when a VM enrols or has started anew. */
import { z } from 'zod';
import {
  MAX_SCRIPT_CHARACTERS,
  progressPatternSchema,
  progressSchema,
  provisioningWhenSchema,
} from './exec.ts';
import { nameSchema, pathSchema, unixMsSchema } from './fields.ts';
import { vmNameSchema } from './vm.ts';

const scriptTextSchema = z
  .string()
  .min(1)
  .max(MAX_SCRIPT_CHARACTERS)
  .refine((text) => !text.includes('\0'), 'must not contain NUL');

const fields = {
  name: vmNameSchema,
  description: z.string().max(2000),
  /** Lower ones first, and those with the same by name. */
  order: z.int().min(0).max(1_000_000),
  when: provisioningWhenSchema,
  script: scriptTextSchema,
  /** Null: what the script's `#!` line says, or `/bin/sh`. */
  interpreter: z.string().min(1).max(500).nullable(),
  user: z
    .string()
    .regex(/^\w[\w.-]{0,63}$/u)
    .nullable(),
  timeout_seconds: z.number().positive().max(604_800),
  progress_patterns: z.array(progressPatternSchema).max(32),
  /** One VM; or with a selector all VMs whose labels fit, but for the manager's own machine. */
  vm_id: z.uuid().toLowerCase().nullable(),
  selector: z.string().max(1024).nullable(),
  enabled: z.boolean(),
};

/** `POST /v1/provisioning`: with one of `vm_id` and `selector`. */
export const provisioningCreateSchema = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  order: fields.order.default(100),
  interpreter: fields.interpreter.default(null),
  user: fields.user.default(null),
  timeout_seconds: fields.timeout_seconds.default(3600),
  progress_patterns: fields.progress_patterns.default([]),
  vm_id: fields.vm_id.default(null),
  selector: fields.selector.default(null),
  enabled: fields.enabled.default(true),
});
export type ProvisioningCreate = z.infer<typeof provisioningCreateSchema>;

/** `PATCH /v1/provisioning/:id`. */
export const provisioningPatchSchema = z.strictObject(fields).partial();

export const provisioningSchema = z.object({
  id: z.uuid(),
  ...fields,
  created_at: unixMsSchema,
  updated_at: unixMsSchema,
});
export type Provisioning = z.infer<typeof provisioningSchema>;

/**
 * `waiting` has not begun, `cancelled` never will: the machine was started anew before. `skipped`
 * was left out by somebody, or is no more.
 */
export const provisioningStepStateSchema = z.enum([
  'waiting',
  'running',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
]);

export const provisioningStepSchema = z.object({
  position: z.int().nonnegative(),
  /** `guest`: found in the guest's own folder. */
  source: z.enum(['manager', 'guest']),
  name: nameSchema,
  when: provisioningWhenSchema,
  /** Null for a script of the guest. */
  script_id: z.uuid().nullable(),
  /** Of a script of the guest. */
  path: pathSchema.nullable(),
  sha256: z.string().nullable(),
  state: provisioningStepStateSchema,
  attempts: z.int().nonnegative(),
  /** Of the last attempt; its output is that of the execution. */
  run_id: z.uuid().nullable(),
  execution_id: z.uuid().nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  timed_out: z.boolean(),
  started_at: unixMsSchema.nullable(),
  ended_at: unixMsSchema.nullable(),
  progress: progressSchema.nullable(),
  /** Why it failed, does not begin yet, or did not run. */
  problem: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Of a step that failed; null for whoever may not read output. */
  last_lines: z.array(z.string()).nullable(),
});
export type ProvisioningStep = z.infer<typeof provisioningStepSchema>;

export const provisioningRoundSchema = z.object({
  id: z.uuid(),
  vm_id: z.uuid(),
  boot_id: z.string(),
  /** `boot`: the VM enrolled or started anew; `request`: somebody asked. */
  cause: z.enum(['boot', 'request']),
  requested_by: z.string().nullable(),
  /** `failed` waits for somebody; `superseded`: the machine was started anew meanwhile. */
  state: z.enum(['running', 'failed', 'finished', 'superseded']),
  created_at: unixMsSchema,
  ended_at: unixMsSchema.nullable(),
  steps: z.array(provisioningStepSchema),
});
export type ProvisioningRound = z.infer<typeof provisioningRoundSchema>;

/** `POST /v1/vms/:id/provisioning/run`. */
export const provisioningRunSchema = z.strictObject({
  /** These, whatever has run before; left out: all that fit the VM. */
  script_ids: z.array(z.uuid().toLowerCase()).min(1).max(64).optional(),
  /** Also scripts for the first boot that have run here. */
  again: z.boolean().default(false),
});

export const provisioningBegunSchema = z.object({ round_id: z.uuid() });

export const provisionSubscriptionSchema = z.strictObject({ vm_id: z.uuid().toLowerCase() });

/** After each subscription, and as it changes: the newest round of a VM. */
export const provisionStateSchema = z.object({
  vm_id: z.uuid(),
  round: provisioningRoundSchema.nullable(),
});
export type ProvisionState = z.infer<typeof provisionStateSchema>;
