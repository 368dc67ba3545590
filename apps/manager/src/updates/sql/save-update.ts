/** Writes how far an update is. */
import type { Queryable } from '../../database/database.ts';
import type { UpdateRecord } from '../update-record.ts';

const TEXT = `
  UPDATE agent_update
  SET state = $2::text, reason = $3::text, ended_at = to_timestamp($4::float8 / 1000)
  WHERE key = $1::bigint`;

export const saveUpdate = async (
  queryable: Queryable,
  { key, state, reason, endedAt }: UpdateRecord,
): Promise<void> => {
  const values = [key, state, reason ?? null, endedAt ?? null];
  await queryable.query({ name: 'save_agent_update', text: TEXT, values });
};
