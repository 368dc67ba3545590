/** Reads a page of runs, newest first, with their numbers for the VMs that one may see. */
import {
  runCountsSchema,
  runReasonSchema,
  runStateSchema,
  type RunState,
} from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

export interface RunFilter {
  /** Null: all. */
  readonly visibleVmIds: readonly string[] | null;
  readonly vmId: string | undefined;
  readonly states: readonly RunState[] | undefined;
  readonly search: string | undefined;
  readonly commandId: string | undefined;
  readonly beforeKey: string | undefined;
  readonly limit: number;
}

const TEXT = `
  SELECT run.key::text AS key, run.id, run.name, run.state, run.reason, run.command_id,
    run.retry_of, run.actor_kind, run.actor_name,
    round(extract(epoch FROM run.created_at) * 1000)::float8 AS created_at,
    round(extract(epoch FROM run.ended_at) * 1000)::float8 AS ended_at,
    json_build_object('total', numbers.total, 'queued', numbers.queued, 'active', numbers.active,
      'succeeded', numbers.succeeded, 'cancelled', numbers.cancelled,
      'failed', numbers.total - numbers.queued - numbers.active - numbers.succeeded
        - numbers.cancelled) AS counts
  FROM run
  CROSS JOIN LATERAL (
    SELECT count(*) AS total,
      count(*) FILTER (WHERE one.state = 'queued') AS queued,
      count(*) FILTER (WHERE one.state IN ('starting', 'running')) AS active,
      count(*) FILTER (WHERE one.state = 'exited' AND one.exit_code = 0) AS succeeded,
      count(*) FILTER (WHERE one.state = 'cancelled') AS cancelled
    FROM execution AS one
    WHERE one.run_key = run.key AND ($1::uuid[] IS NULL OR one.vm_id = ANY ($1::uuid[]))
  ) AS numbers
  WHERE numbers.total > 0
    AND ($2::uuid IS NULL OR EXISTS (
      SELECT 1 FROM execution AS one WHERE one.run_key = run.key AND one.vm_id = $2::uuid))
    AND ($3::text[] IS NULL OR run.state = ANY ($3::text[]))
    AND ($4::text IS NULL OR strpos(lower(run.name), $4::text) > 0
      OR strpos(lower(run.actor_name), $4::text) > 0)
    AND ($5::uuid IS NULL OR run.command_id = $5::uuid)
    AND ($6::bigint IS NULL OR run.key < $6::bigint)
  ORDER BY run.key DESC
  LIMIT $7::int`;

const rowSchema = z.object({
  key: z.string(),
  id: z.string(),
  name: z.string(),
  state: runStateSchema,
  reason: runReasonSchema.nullable(),
  command_id: z.string().nullable(),
  retry_of: z.string().nullable(),
  actor_kind: z.enum(['token', 'session', 'system']),
  actor_name: z.string(),
  created_at: z.number(),
  ended_at: z.number().nullable(),
  counts: runCountsSchema,
});
export type RunListRow = z.infer<typeof rowSchema>;

export const listRuns = async (queryable: Queryable, filter: RunFilter): Promise<RunListRow[]> => {
  const { rows } = await queryable.query({
    name: 'list_runs',
    text: TEXT,
    values: [
      filter.visibleVmIds,
      filter.vmId ?? null,
      filter.states ?? null,
      filter.search ?? null,
      filter.commandId ?? null,
      filter.beforeKey ?? null,
      filter.limit,
    ],
  });
  return z.array(rowSchema).parse(rows);
};
