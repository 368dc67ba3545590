/** Adds the steps of a new update, in order. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

export interface NewStep {
  readonly id: string;
  readonly vmId: string;
  readonly vmName: string;
}

const TEXT = `
  INSERT INTO agent_update_step (id, update_key, position, vm_id, vm_name, state)
  SELECT new.id, $1::bigint, new.position, new.vm_id, new.vm_name, 'waiting'
  FROM unnest($2::uuid[], $3::uuid[], $4::text[])
    WITH ORDINALITY AS new (id, vm_id, vm_name, position)
  ORDER BY new.position
  RETURNING id, key::float8 AS key`;

const rowsSchema = z.array(z.object({ id: z.string(), key: z.number() }));

/** @returns the key of each, by its id */
export const insertSteps = async (
  queryable: Queryable,
  updateKey: number,
  steps: readonly NewStep[],
): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await queryable.query({
    name: 'insert_agent_update_steps',
    text: TEXT,
    values: [
      updateKey,
      steps.map(({ id }) => id),
      steps.map(({ vmId }) => vmId),
      steps.map(({ vmName }) => vmName),
    ],
  });
  return new Map(rowsSchema.parse(rows).map(({ id, key }) => [id, key]));
};
