/** Notes that nothing more of a round will begin, and that nobody waits for what has. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  UPDATE provisioning_step
  SET state = 'cancelled', ended_at = now(), problem_code = 'machine_restarted',
    problem_message = 'the machine was started anew before it had ended'
  WHERE round_key = $1::bigint AND state IN ('waiting', 'running')`;

export const cancelSteps = async (queryable: Queryable, roundKey: string): Promise<void> => {
  await queryable.query({ name: 'cancel_provisioning_steps', text: TEXT, values: [roundKey] });
};
