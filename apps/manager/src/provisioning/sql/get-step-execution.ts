/** Reads an execution by its id. */
import type { Queryable } from '../../database/database.ts';
import type { ExecutionRecord } from '../../runs/run-record.ts';
import { EXECUTION_COLUMNS, toExecutionRecord } from '../../runs/sql/run-row.ts';

const TEXT = `SELECT ${EXECUTION_COLUMNS} FROM execution WHERE id = $1::uuid`;

/** Undefined: its run was deleted. */
export const getStepExecution = async (
  queryable: Queryable,
  id: string,
): Promise<ExecutionRecord | undefined> => {
  const { rows } = await queryable.query({
    name: 'get_step_execution',
    text: TEXT,
    values: [id],
  });
  return rows[0] === undefined ? undefined : toExecutionRecord(rows[0]);
};
