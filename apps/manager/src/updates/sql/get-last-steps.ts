/** Reads of each VM the last step of an update. */
import { updateStepStateSchema, type UpdateStepState } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT DISTINCT ON (vm_id) vm_id, state
  FROM agent_update_step
  ORDER BY vm_id, key DESC`;

const rowsSchema = z.array(z.object({ vm_id: z.string(), state: updateStepStateSchema }));

export const getLastSteps = async (
  queryable: Queryable,
): Promise<readonly { readonly vmId: string; readonly state: UpdateStepState }[]> => {
  const { rows } = await queryable.query({ name: 'get_last_agent_update_steps', text: TEXT });
  return rowsSchema.parse(rows).map(({ vm_id, state }) => ({ vmId: vm_id, state }));
};
