/** Kept logs: what the manager keeps of which VM, and the search over all of them. */
import { z } from 'zod';
import { unixMsSchema } from './fields.ts';
import { logEventSchema } from './log-event.ts';
import { logSourceSchema } from './log-feed.ts';

export const keptLevelSchema = z.enum(['nothing', 'error', 'warn', 'info', 'debug']);
export type KeptLevel = z.infer<typeof keptLevelSchema>;

/** The first policy of the list that fits a VM holds for it; the last one fits every VM. */
export const logPolicySchema = z.strictObject({
  /** A label selector; null fits every VM. */
  selector: z.string().min(1).max(1024).nullable(),
  /** One VM, whatever its labels. */
  vm_id: z.uuid().toLowerCase().nullable(),
  /** This level and worse is kept in the database. */
  keep: keptLevelSchema,
  /** Whether everything of the last minutes is kept as well when the agent is lost. */
  last_words: z.boolean(),
});
export type LogPolicy = z.infer<typeof logPolicySchema>;

export const MAX_LOG_POLICIES = 100;
export const logPoliciesSchema = z.strictObject({
  items: z.array(logPolicySchema).min(1).max(MAX_LOG_POLICIES),
});
export type LogPolicies = z.infer<typeof logPoliciesSchema>;

export const keptLogSchema = logEventSchema.extend({
  /** Unique among all kept lines, and the order of those of one moment. */
  id: z.string(),
  vm_id: z.uuid(),
  /** The last one, where the VM is no longer registered. */
  vm_name: z.string().nullable(),
  source: logSourceSchema.nullable(),
  /** When the manager got it; the order of lines whose guest's clock is wrong or unknown. */
  received_at: unixMsSchema,
  /** By its level, or because the agent was lost soon after. */
  kept_for: z.enum(['level', 'last_words']),
});
export type KeptLog = z.infer<typeof keptLogSchema>;

/** How many lines of each level there are in each step, beginning at `from`. */
export const logHistogramSchema = z.object({
  from: unixMsSchema,
  step_ms: z.int().positive(),
  error: z.array(z.int().nonnegative()),
  warn: z.array(z.int().nonnegative()),
  info: z.array(z.int().nonnegative()),
  debug: z.array(z.int().nonnegative()),
});
export type LogHistogram = z.infer<typeof logHistogramSchema>;

export const logSearchSchema = z.object({
  /** Newest first. */
  items: z.array(keptLogSchema),
  next_cursor: z.string().nullable(),
  /** Of all that fits, on the first page; null on later ones, or where counting took too long. */
  histogram: logHistogramSchema.nullable(),
  /** Nothing older than this is kept any more; null: nothing is kept. */
  oldest: unixMsSchema.nullable(),
});
export type LogSearch = z.infer<typeof logSearchSchema>;

/** Lines of one VM around a moment: from its agent, or, where that does not answer, kept ones. */
export const logPageSchema = z.object({
  /** Oldest first. */
  items: z.array(logEventSchema),
  origin: z.enum(['agent', 'kept']),
  /** Why these are not the agent's. */
  reason: z.string().nullable(),
  /** There is more before the first, or after the last, of these. */
  more: z.boolean(),
});
export type LogPage = z.infer<typeof logPageSchema>;
