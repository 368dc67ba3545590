/** Notes which run a waiting step is, in the transaction that adds the run. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  UPDATE provisioning_step
  SET state = 'running', run_id = $3::uuid, execution_id = $4::uuid, attempts = attempts + 1,
    started_at = now(), ended_at = NULL, exit_code = NULL, signal = NULL, timed_out = false,
    problem_code = NULL, problem_message = NULL, last_lines = NULL
  WHERE round_key = $1::bigint AND position = $2::int AND state = 'waiting'`;

/** @returns false where it does not wait any more: it must not begin */
export const beginStep = async (
  queryable: Queryable,
  step: { readonly roundKey: string; readonly position: number },
  run: { readonly runId: string; readonly executionId: string },
): Promise<boolean> => {
  const { rowCount } = await queryable.query({
    name: 'begin_provisioning_step',
    text: TEXT,
    values: [step.roundKey, step.position, run.runId, run.executionId],
  });
  return rowCount === 1;
};
