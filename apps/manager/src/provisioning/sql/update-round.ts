/** Changes the state of a round of provisioning, where it is still what it was. */
import type { Queryable } from '../../database/database.ts';
import type { RoundRow } from './round-row.ts';

const TEXT = `
  UPDATE provisioning_round
  SET state = $3::text, ended_at = CASE WHEN $3::text = 'running' THEN NULL ELSE now() END
  WHERE key = $1::bigint AND state = $2::text`;

/** @returns false where somebody else was faster */
export const updateRound = async (
  queryable: Queryable,
  { key, state }: Pick<RoundRow, 'key' | 'state'>,
  to: RoundRow['state'],
): Promise<boolean> => {
  const { rowCount } = await queryable.query({
    name: 'update_provisioning_round',
    text: TEXT,
    values: [key, state, to],
  });
  return rowCount === 1;
};
