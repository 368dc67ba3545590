/** Reads one run. */
import type { Queryable } from '../../database/database.ts';
import type { RunRecord } from '../run-record.ts';
import { RUN_COLUMNS, toRunRecord } from './run-row.ts';

const TEXT = `SELECT ${RUN_COLUMNS} FROM run WHERE id = $1::uuid`;

export const getRun = async (queryable: Queryable, id: string): Promise<RunRecord | undefined> => {
  const { rows } = await queryable.query({ name: 'get_run', text: TEXT, values: [id] });
  return rows[0] === undefined ? undefined : toRunRecord(rows[0]);
};
