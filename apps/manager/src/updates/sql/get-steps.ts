/** Reads the steps of some updates, in order. */
import type { Queryable } from '../../database/database.ts';
import type { StepRecord } from '../update-record.ts';
import { STEP_COLUMNS, toStepRecord } from './update-row.ts';

const TEXT = `
  SELECT ${STEP_COLUMNS}
  FROM agent_update_step
  WHERE update_key = ANY ($1::bigint[])
  ORDER BY update_key, position`;

/** @returns those of each update, by its key */
export const getSteps = async (
  queryable: Queryable,
  updateKeys: readonly number[],
): Promise<ReadonlyMap<number, readonly StepRecord[]>> => {
  const { rows } = await queryable.query({
    name: 'get_agent_update_steps',
    text: TEXT,
    values: [updateKeys],
  });
  const byUpdate = new Map<number, StepRecord[]>(updateKeys.map((key) => [key, []]));
  for (const row of rows) {
    const { updateKey, step } = toStepRecord(row);
    byUpdate.get(updateKey)?.push(step);
  }
  return byUpdate;
};
