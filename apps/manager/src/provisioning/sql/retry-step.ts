/** Lets a step that has failed wait again; from now on also where it was begun on this VM before. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  UPDATE provisioning_step
  SET state = 'waiting', again = true, problem_code = NULL, problem_message = NULL
  WHERE round_key = $1::bigint AND position = $2::int AND state = 'failed'`;

export const retryStep = async (
  queryable: Queryable,
  step: { readonly roundKey: string; readonly position: number },
): Promise<void> => {
  await queryable.query({
    name: 'retry_provisioning_step',
    text: TEXT,
    values: [step.roundKey, step.position],
  });
};
