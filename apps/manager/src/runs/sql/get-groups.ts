/** Reads which executions of a run ended in the same way, the largest group first. */
import { executionStateSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT state, exit_code, signal, count(*)::int AS count,
    (array_agg(key::float8 ORDER BY vm_name))[1:$3::int] AS keys
  FROM execution
  WHERE run_key = $1::bigint AND ended_at IS NOT NULL
    AND ($2::uuid[] IS NULL OR vm_id = ANY ($2::uuid[]))
  GROUP BY state, exit_code, signal, timed_out, problem_code, output_digest
  ORDER BY count DESC, min(vm_name)`;

const rowsSchema = z.array(
  z.object({
    state: executionStateSchema,
    exit_code: z.number().nullable(),
    signal: z.string().nullable(),
    count: z.number(),
    keys: z.array(z.number()),
  }),
);
export type GroupRow = z.infer<typeof rowsSchema>[number];

export const getGroups = async (
  queryable: Queryable,
  runKey: number,
  visibleVmIds: readonly string[] | null,
  maxMembers: number,
): Promise<GroupRow[]> => {
  const { rows } = await queryable.query({
    name: 'get_groups',
    text: TEXT,
    values: [runKey, visibleVmIds, maxMembers],
  });
  return rowsSchema.parse(rows);
};
