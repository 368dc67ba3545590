/** Reads rounds of provisioning of a VM, newest first. */
import type { Queryable } from '../../database/database.ts';
import { ROUND_COLUMNS, toRounds, type RoundRow } from './round-row.ts';

const TEXT = `
  SELECT ${ROUND_COLUMNS}
  FROM provisioning_round AS round
  WHERE round.vm_id = $1::uuid AND ($2::bigint IS NULL OR round.key < $2::bigint)
  ORDER BY round.key DESC
  LIMIT $3::int`;

export const listRounds = async (
  queryable: Queryable,
  vmId: string,
  beforeKey: string | undefined,
  limit: number,
): Promise<RoundRow[]> => {
  const { rows } = await queryable.query({
    name: 'list_provisioning_rounds',
    text: TEXT,
    values: [vmId, beforeKey ?? null, limit],
  });
  return toRounds(rows);
};
