/** Adds the executions of a new run, in order. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

export interface NewExecution {
  readonly id: string;
  readonly vmId: string;
  readonly vmName: string;
}

const TEXT = `
  INSERT INTO execution (id, run_key, position, vm_id, vm_name, state)
  SELECT new.id, $1::bigint, new.position, new.vm_id, new.vm_name, 'queued'
  FROM unnest($2::uuid[], $3::uuid[], $4::text[])
    WITH ORDINALITY AS new (id, vm_id, vm_name, position)
  ORDER BY new.position
  RETURNING id, key::float8 AS key`;

const rowsSchema = z.array(z.object({ id: z.string(), key: z.number() }));

/** @returns the key of each, by its id */
export const insertExecutions = async (
  queryable: Queryable,
  runKey: number,
  executions: readonly NewExecution[],
): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await queryable.query({
    name: 'insert_executions',
    text: TEXT,
    values: [
      runKey,
      executions.map(({ id }) => id),
      executions.map(({ vmId }) => vmId),
      executions.map(({ vmName }) => vmName),
    ],
  });
  return new Map(rowsSchema.parse(rows).map(({ id, key }) => [id, key]));
};
