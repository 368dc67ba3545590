/** What `GET /v1/vms` can be asked for. */
import { MAX_PAGE, vmSortSchema, vmStateSchema, type VmState } from '@innkeeper/protocol';
import { z } from 'zod';
import { cursorDescription, limitUpTo } from '../http/query-count.ts';
import { parseLabelSelector } from './label-selector.ts';

const DEFAULT_PAGE = 100;
const MAX_SEARCH = 128;
/** A cursor holds the key of a name: 512 characters, 4 bytes each at most, in base64url. */
const MAX_CURSOR = 4096;

export const selectorSchema = z.string().transform((text, context) => {
  const parsed = parseLabelSelector(text);
  if (parsed.ok) return parsed.selector;
  context.addIssue({ code: 'custom', message: parsed.problem });
  return z.NEVER;
});

const STATES: readonly string[] = vmStateSchema.options;

/** Several are joined by commas. */
const statesSchema = z.string().transform((text, context): ReadonlySet<VmState> => {
  const parsed = z.array(vmStateSchema).safeParse(text.split(',').map((state) => state.trim()));
  if (parsed.success) return new Set(parsed.data);
  const message = `must be one or more of ${STATES.join(', ')}, joined by commas`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

export const vmQuerySchema = z.strictObject({
  search: z
    .string()
    .trim()
    .max(MAX_SEARCH)
    .optional()
    .describe('a part of the name, address or labels, or the beginning of the id'),
  labels: selectorSchema
    .optional()
    .describe('a selector as Kubernetes has it: env=prod,tier in (web, db),!legacy'),
  state: statesSchema.optional().describe(`${STATES.join(', ')}; several are joined by commas`),
  host_id: z.uuid({ error: 'must be a UUID' }).toLowerCase().optional(),
  sort: vmSortSchema.default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
  limit: limitUpTo(MAX_PAGE, DEFAULT_PAGE),
  cursor: z.string().max(MAX_CURSOR).optional().describe(cursorDescription),
});
export type VmQuery = z.infer<typeof vmQuerySchema>;
