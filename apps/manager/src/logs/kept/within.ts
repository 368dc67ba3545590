/**
 * Reads from Postgres for so long and no longer, and not for whoever has gone. A statement that is
 * cancelled ends at its next look, and its connection stays as good as before.
 */
import { codeOf } from '../../database/connection-failure.ts';
import { DatabaseUnavailable, type Database, type Queryable } from '../../database/database.ts';
import { cancelBackend } from './sql/cancel-backend.ts';
import { getBackend } from './sql/get-backend.ts';

const STATEMENT_CANCELLED = '57014';

const isCancelled = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable && codeOf(error.cause) === STATEMENT_CANCELLED;

export interface Patience {
  readonly ms: number;
  /** Aborted: whoever asked has gone. */
  readonly signal: AbortSignal | undefined;
}

/** Cancels what runs on the connection when the signal comes, until `stop` has settled. */
const cancelOn = (signal: AbortSignal, database: Queryable, backend: number) => {
  let cancelling: Promise<unknown> = Promise.resolve();
  const onAbort = (): void => {
    // Where it cannot be cancelled, or just begins, the statement's own limit ends it.
    cancelling = cancelBackend(database, backend).catch(() => undefined);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    stop: async (): Promise<void> => {
      signal.removeEventListener('abort', onAbort);
      // The connection is another one's next: nothing of his may be cancelled.
      await cancelling;
    },
  };
};

/** Undefined: it took longer than this, or nobody waits for it any more. */
export const within = async <Value>(
  database: Database,
  { ms, signal }: Patience,
  work: (transaction: Queryable) => Promise<Value>,
): Promise<Value | undefined> => {
  if (signal?.aborted === true) return undefined;
  try {
    return await database.transaction(async (transaction) => {
      const limit = `SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = ${ms}`;
      await transaction.query({ text: limit });
      if (signal === undefined) return work(transaction);
      const cancel = cancelOn(signal, database, await getBackend(transaction));
      try {
        return signal.aborted ? undefined : await work(transaction);
      } finally {
        await cancel.stop();
      }
    });
  } catch (error) {
    if (isCancelled(error)) return undefined;
    throw error;
  }
};
