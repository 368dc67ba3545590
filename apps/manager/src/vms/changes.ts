/**
 * Changes of the registries, one after the other: each is committed to Postgres before memory shows
 * it, so that memory changes in the order of the commits and every check sees what it will change.
 * A transaction takes a millisecond or two; nothing here is asked for more often than that.
 */
import type { Clock } from '../clock.ts';
import { DatabaseUnavailable, type Database, type Queryable } from '../database/database.ts';
import type { Log } from '../log.ts';
import { violatedConstraint } from './violated-constraint.ts';

/** Settled without Postgres: refused, or nothing to change. Else what to do in the transaction. */
export type Plan<Value> =
  | { readonly kind: 'settled'; readonly value: Value }
  | { readonly kind: 'write'; readonly work: (transaction: Queryable) => Promise<Written<Value>> };

export interface Written<Value> {
  readonly value: Value;
  /** Shows the change to the rest of the manager, once it is committed. */
  readonly apply: () => void;
}

export interface Changes {
  /** `plan` is called when it is this change's turn: what it sees stays so until it has ended. */
  change<Value>(plan: () => Plan<Value>): Promise<Value>;
  /** What is to be read anew when it is unknown how a change ended. */
  onDoubt(reload: () => Promise<void>): void;
  /** Postgres holds something else than memory does. */
  doubt(): void;
  stop(): Promise<void>;
}

export interface ChangesOptions {
  readonly database: Pick<Database, 'transaction'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A thousand guests that boot at once fit; what comes on top is told to come again. */
const MAX_WAITING = 2000;
const MAX_WAIT_MS = 10_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

export const makeChanges = ({ database, clock, log }: ChangesOptions): Changes => {
  const reloads: (() => Promise<void>)[] = [];
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let inDoubt = false;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;

  const reload = async (): Promise<void> => {
    for (const one of reloads) await one();
    inDoubt = false;
    retryMs = FIRST_RETRY_MS;
    clearTimeout(retry);
    retry = undefined;
  };

  const enqueue = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = tail.then(work);
    tail = turn.catch(() => undefined);
    return turn;
  };

  /** Nobody may ever change anything again, and still memory must come to agree with Postgres. */
  const retryLater = (): void => {
    if (stopped || retry !== undefined) return;
    retry = setTimeout(() => {
      retry = undefined;
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      enqueue(async () => {
        if (inDoubt && !stopped) await reload();
      }).catch((error: unknown) => {
        if (!(error instanceof DatabaseUnavailable)) log.error('registry reload failed', { error });
        retryLater();
      });
    }, retryMs);
    retry.unref();
  };

  const doubt = (): void => {
    inDoubt = true;
    retryLater();
  };

  const run = async <Value>(plan: () => Plan<Value>): Promise<Value> => {
    if (inDoubt) await reload();
    const planned = plan();
    if (planned.kind === 'settled') return planned.value;
    try {
      const { value, apply } = await database.transaction(planned.work);
      apply();
      return value;
    } catch (error) {
      // Lost during the commit, it may have happened; a violated constraint is a row nobody here knew.
      if (error instanceof DatabaseUnavailable || violatedConstraint(error) !== undefined) doubt();
      throw error;
    }
  };

  return {
    change: async (plan) => {
      if (stopped) throw new DatabaseUnavailable('the manager is stopping');
      if (waiting >= MAX_WAITING) {
        throw new DatabaseUnavailable(`${waiting} changes wait for Postgres`);
      }
      waiting += 1;
      const since = clock.monotonicMs();
      return enqueue(async () => {
        waiting -= 1;
        const waitedMs = clock.monotonicMs() - since;
        if (waitedMs > MAX_WAIT_MS) {
          throw new DatabaseUnavailable(`waited ${Math.round(waitedMs)} ms for other changes`);
        }
        return run(plan);
      });
    },
    onDoubt: (reloadOne) => {
      reloads.push(reloadOne);
    },
    doubt,
    stop: async () => {
      stopped = true;
      clearTimeout(retry);
      retry = undefined;
      await tail;
    },
  };
};
