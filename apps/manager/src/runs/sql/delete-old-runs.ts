/** Deletes some of the runs that are over and older than this, or beyond so many. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  DELETE FROM run
  WHERE key IN (
    SELECT key FROM (
      SELECT key, ended_at, row_number() OVER (ORDER BY key DESC) AS position FROM run
    ) AS numbered
    WHERE ended_at IS NOT NULL AND (ended_at < to_timestamp($1::float8 / 1000) OR position > $2::bigint)
    ORDER BY key
    LIMIT $3::int
  )`;

/** Their output goes with them, so each statement has few. */
export const deleteOldRuns = async (
  queryable: Queryable,
  wanted: { readonly endedBeforeMs: number; readonly keep: number; readonly max: number },
): Promise<number> => {
  const { rowCount } = await queryable.query({
    name: 'delete_old_runs',
    text: TEXT,
    values: [wanted.endedBeforeMs, wanted.keep, wanted.max],
  });
  return rowCount;
};
