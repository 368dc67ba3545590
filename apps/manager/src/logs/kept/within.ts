/** Reads from Postgres for so long and no longer. */
import { codeOf } from '../../database/connection-failure.ts';
import { DatabaseUnavailable, type Database, type Queryable } from '../../database/database.ts';

const STATEMENT_TIMEOUT = '57014';

const isTimeout = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable && codeOf(error.cause) === STATEMENT_TIMEOUT;

/** Undefined: it took longer than this. */
export const within = async <Value>(
  database: Database,
  ms: number,
  work: (transaction: Queryable) => Promise<Value>,
): Promise<Value | undefined> => {
  try {
    return await database.transaction(async (transaction) => {
      const limit = `SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = ${ms}`;
      await transaction.query({ text: limit });
      return work(transaction);
    });
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  }
};
