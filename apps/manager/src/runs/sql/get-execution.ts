/** Reads one execution. */
import type { Queryable } from '../../database/database.ts';
import type { ExecutionRecord } from '../run-record.ts';
import { EXECUTION_COLUMNS, toExecutionRecord } from './run-row.ts';

const TEXT = `SELECT ${EXECUTION_COLUMNS} FROM execution WHERE key = $1::bigint`;

export const getExecution = async (
  queryable: Queryable,
  key: number,
): Promise<ExecutionRecord | undefined> => {
  const { rows } = await queryable.query({ name: 'get_execution', text: TEXT, values: [key] });
  return rows[0] === undefined ? undefined : toExecutionRecord(rows[0]);
};
