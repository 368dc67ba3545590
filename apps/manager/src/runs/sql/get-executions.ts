/** Reads the executions of a run, in their order. */
import type { Queryable } from '../../database/database.ts';
import type { ExecutionRecord } from '../run-record.ts';
import { EXECUTION_COLUMNS, toExecutionRecord } from './run-row.ts';

const TEXT = `
  SELECT ${EXECUTION_COLUMNS}
  FROM execution
  WHERE run_key = $1::bigint
  ORDER BY position`;

export const getExecutions = async (
  queryable: Queryable,
  runKey: number,
): Promise<ExecutionRecord[]> => {
  const { rows } = await queryable.query({
    name: 'get_executions',
    text: TEXT,
    values: [runKey],
  });
  return rows.map(toExecutionRecord);
};
