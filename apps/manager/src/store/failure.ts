/**
 * What a statement that failed says about what to do: wait and try again, or find the row that
 * Postgres refuses.
 */
import { DatabaseUnavailable } from '../database/database.ts';

/**
 * - `unavailable`: nothing is wrong with the data; a later attempt may succeed.
 * - `data`: these rows will be refused at every attempt.
 * - `unclear`: a later attempt may succeed, but nobody knows.
 */
export type FailureKind = 'unavailable' | 'data' | 'unclear';

/**
 * By class of SQLSTATE: connections, logins, databases and tables that are not there or not
 * allowed, rollbacks by deadlock and the like, full disks, locks and timeouts, shutdowns, I/O.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE_CLASSES = new Set('08 25 28 3D 40 42 53 55 57 58'.split(' '));
/** Data exceptions and broken constraints; 23514 is also a row without a partition. */
const DATA_CLASSES = new Set(['22', '23']);

export const sqlStateOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/u.test(code) ? code : undefined;
};

export const failureKindOf = (error: unknown): FailureKind => {
  if (error instanceof DatabaseUnavailable) return 'unavailable';
  const sqlClass = sqlStateOf(error)?.slice(0, 2);
  if (sqlClass === undefined) return 'unclear';
  if (UNAVAILABLE_CLASSES.has(sqlClass)) return 'unavailable';
  return DATA_CLASSES.has(sqlClass) ? 'data' : 'unclear';
};

/** Short: what Postgres says may repeat what a guest has sent. */
export const describeFailure = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 200);
