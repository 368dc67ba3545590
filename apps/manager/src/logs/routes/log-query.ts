/** What the routes of logs can be asked: the words of the agent's own query. */
import { logFilterSchema, logSourceSchema, type LogFilter } from '@innkeeper/protocol';
import { z } from 'zod';
import { momentSchema } from '../../history/query-schemas.ts';

const { level, unit, grep } = logFilterSchema.shape;

const flagSchema = z
  .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
  .transform((text) => text === 'true' || text === '1');

/** A parameter that may be given several times. */
const severalSchema = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  unit.unwrap(),
);

export const filterQuery = {
  level: level.describe('this level and worse: error, warn, info, debug'),
  unit: severalSchema.optional().describe('a unit, or a program; may be given several times'),
  grep: grep.describe('a part of the message, in whatever case'),
  source: logSourceSchema
    .optional()
    .describe('journal, kmsg, agent, or file:/a/path; left out: whatever the machine has'),
};

export const rangeQuery = {
  since: momentSchema.optional().describe('unix milliseconds'),
  until: momentSchema.optional().describe('unix milliseconds'),
};

const MAX_TAIL = 10_000;
export const DEFAULT_TAIL = 1_000;
const TAIL_PROBLEM = `must be a whole number from 0 to ${MAX_TAIL}`;

export const streamQuery = z.strictObject({
  ...filterQuery,
  ...rangeQuery,
  follow: flagSchema.optional().describe('left out: true, unless there is an `until`'),
  tail: z
    .string()
    .regex(/^\d{1,5}$/u, TAIL_PROBLEM)
    .transform(Number)
    .refine((count) => count <= MAX_TAIL, TAIL_PROBLEM)
    .optional()
    .describe(
      `the last so many: 0 to ${MAX_TAIL}; left out: ${DEFAULT_TAIL}, or all since \`since\``,
    ),
});
export type StreamQuery = z.infer<typeof streamQuery>;

export const FROM_AFTER_TO = 'since: must not be after until';

type Filters = Pick<LogFilter, 'level' | 'unit' | 'grep'>;

/** Those that were given. */
export const filtersIn = ({
  level: wantedLevel,
  unit: units,
  grep: part,
}: { readonly [Name in keyof Filters]: Filters[Name] | undefined }): Filters => ({
  ...(wantedLevel !== undefined && { level: wantedLevel }),
  ...(units !== undefined && { unit: units }),
  ...(part !== undefined && { grep: part }),
});
