/** Writes what has become of runs. */
import type { Queryable } from '../../database/database.ts';
import type { RunRecord } from '../run-record.ts';

const TEXT = `
  UPDATE run AS old
  SET state = new.state, reason = new.reason, ended_at = to_timestamp(new.ended_at / 1000)
  FROM jsonb_to_recordset($1::jsonb) AS new (key bigint, state text, reason text, ended_at float8)
  WHERE old.key = new.key`;

export const runColumns = ({ key, state, reason, endedAt }: RunRecord) => ({
  key,
  state,
  reason,
  ended_at: endedAt,
});
export type RunColumns = ReturnType<typeof runColumns>;

export const updateRuns = async (
  queryable: Queryable,
  runs: readonly RunColumns[],
): Promise<void> => {
  await queryable.query({ name: 'update_runs', text: TEXT, values: [JSON.stringify(runs)] });
};
