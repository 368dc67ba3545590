/** Live logs over socket.io: what a viewer asks for, and what the manager's log hub sends it. */
import { z } from 'zod';
import { unixMsSchema } from './fields.ts';
import { logEventSchema, logLevelSchema } from './log-event.ts';
import { pullFailureKindSchema } from './pull-failure.ts';

/** `file:/a/path` names a file that the agent's settings allow; none: whatever the machine has. */
export const logSourceSchema = z
  .string()
  .max(1000)
  .regex(/^(?:journal|kmsg|agent|file:\/.*)$/u, {
    error: 'must be journal, kmsg, agent or file:/and/a/path',
  });
export type LogSource = z.infer<typeof logSourceSchema>;

/** What a viewer wants of a stream. Runs at the manager, so that all viewers share one stream. */
export const logFilterSchema = z.strictObject({
  /** This level and worse. */
  level: logLevelSchema.optional(),
  unit: z.array(z.string().min(1).max(256)).max(50).optional(),
  stream: z.enum(['stdout', 'stderr']).optional(),
  /** Part of the message, in whatever case. */
  grep: z.string().min(1).max(256).optional(),
});
export type LogFilter = z.infer<typeof logFilterSchema>;

/** Where a viewer has come to: the next line it wants is the one after it. */
export const logPositionSchema = z.strictObject({
  /** Which numbering `seq` belongs to; a stream that begins anew has another one. */
  epoch: z.string().min(1).max(64),
  seq: z.int().nonnegative(),
  /** The agent's own name of that line: holds when the numbering is gone. */
  cursor: z.string().max(300).optional(),
});
export type LogPosition = z.infer<typeof logPositionSchema>;

export const logSubscriptionSchema = logFilterSchema.extend({
  vm_id: z.uuid(),
  source: logSourceSchema.optional(),
  /** None: the lines that the manager has, up to 1,000, and then what comes. */
  after: logPositionSchema.optional(),
});
export type LogSubscription = z.infer<typeof logSubscriptionSchema>;

/** Ends the subscription of this connection to that stream. */
export const logStreamSchema = z.strictObject({
  vm_id: z.uuid(),
  source: logSourceSchema.optional(),
});
export type LogStreamName = z.infer<typeof logStreamSchema>;

/** Numbered without holes in the order in which the manager got them. */
export const logLineSchema = logEventSchema.extend({ seq: z.int().positive() });
export type LogLine = z.infer<typeof logLineSchema>;

/**
 * What happened between two lines, at its place among them. It has a number of its own, so that
 * numbers never skip without a reason.
 */
export const logMarkSchema = z.object({
  seq: z.int().positive(),
  mark: z.enum([
    /** The stream to the agent broke off and goes on; `count` lines are missing in between. */
    'resumed',
    /** The guest lost `count` lines before they could be sent; `reason` says how. */
    'lost',
    /** The guest has started again. */
    'rebooted',
  ]),
  at: unixMsSchema,
  /** Null: nobody can tell how many. */
  count: z.int().nonnegative().nullable(),
  reason: z.string().max(200).optional(),
});
export type LogMark = z.infer<typeof logMarkSchema>;

export const logEntrySchema = z.union([logMarkSchema, logLineSchema]);
export type LogEntry = z.infer<typeof logEntrySchema>;

const batch = z.object({
  vm_id: z.uuid(),
  source: logSourceSchema.optional(),
  epoch: z.string(),
  lines: z.array(logEntrySchema),
  /**
   * Lines and marks between what was sent before and these that this viewer will not get, for it
   * was too slow, or came back too late. Null: nobody can tell how many. What a filter leaves out
   * is not counted here.
   */
  dropped: z.int().nonnegative().nullable(),
  /** The viewer has seen everything up to here, also where a filter left lines out. */
  through: z.int().nonnegative(),
});

/** Once after each subscription, before any `logs:lines` of it. */
export const logHistorySchema = batch.extend({
  /** False: these go on where `after` was, and nothing that was shown becomes wrong. */
  fresh: z.boolean(),
});
export type LogHistory = z.infer<typeof logHistorySchema>;

/** At most ten a second, the first of a burst at once; acknowledged, at most two under way. */
export const logLinesSchema = batch;
export type LogLines = z.infer<typeof logLinesSchema>;

export const logStateSchema = z.object({
  vm_id: z.uuid(),
  source: logSourceSchema.optional(),
  /** `live`: the agent sends; `reconnecting`: tried again at `retry_at`; `refused`: by the agent. */
  state: z.enum(['connecting', 'live', 'reconnecting', 'refused']),
  since: unixMsSchema,
  retry_at: unixMsSchema.nullable(),
  /** Why it is not live. */
  failure: z.object({ kind: pullFailureKindSchema, message: z.string().max(512) }).nullable(),
});
export type LogState = z.infer<typeof logStateSchema>;
