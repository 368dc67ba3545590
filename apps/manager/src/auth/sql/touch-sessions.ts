/** Writes when sessions were last used, many at once. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  UPDATE session SET last_used_at = to_timestamp(used.at_ms / 1000)
  FROM unnest($1::uuid[], $2::float8[]) AS used (id, at_ms)
  WHERE session.id = used.id`;

export const touchSessions = async (
  queryable: Queryable,
  used: ReadonlyMap<string, number>,
): Promise<void> => {
  await queryable.query({
    name: 'touch_sessions',
    text: TEXT,
    values: [[...used.keys()], [...used.values()]],
  });
};
