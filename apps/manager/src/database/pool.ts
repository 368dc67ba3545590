/** The {@link Database} of the running manager: a small pool of connections to Postgres. */
import { Pool, type ClientBase, type PoolClient } from 'pg';
import type { Log } from '../log.ts';
import { isConnectionFailure, toDatabaseError } from './connection-failure.ts';
import type { DatabaseAddress } from './connection.ts';
import type { Database, Queryable, Result, Statement } from './database.ts';
import { clientConfig } from './client-config.ts';

export interface OpenedDatabase extends Database {
  /** Since when it has not been reached; undefined while it answers. */
  downSinceMonotonicMs(): number | undefined;
  /** Waits for statements under way. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly address: DatabaseAddress;
  readonly log: Log;
  readonly monotonicMs?: () => number;
  readonly maxConnections?: number;
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

/** Writing, rolling up, a few readers. Each one costs the server some MB. */
const MAX_CONNECTIONS = 8;
const STATEMENT_MS = 30_000;
/** Also how long a statement waits for a connection to become free. */
const CONNECT_MS = 5_000;
/** The network may lose what the server's own timeout says. */
const SILENCE_MS = 5_000;
/** A transaction of ours that does nothing for so long is one that we have lost. */
const IDLE_IN_TRANSACTION_MS = 60_000;
const CLOSE_MS = 5_000;

const runOn = async (client: ClientBase, statement: Statement): Promise<Result> => {
  const { name, text, values } = statement;
  const result = await client.query<Record<string, unknown>>({
    text,
    ...(name !== undefined && { name }),
    ...(values !== undefined && { values: [...values] }),
  });
  return { rows: result.rows, rowCount: result.rowCount ?? 0 };
};

export const openDatabase = (options: OpenOptions): OpenedDatabase => {
  const { log, monotonicMs = () => performance.now() } = options;
  const statementMs = options.statementTimeoutMs ?? STATEMENT_MS;
  const pool = new Pool({
    ...clientConfig(options.address),
    max: options.maxConnections ?? MAX_CONNECTIONS,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_MS,
    statement_timeout: statementMs,
    query_timeout: statementMs + SILENCE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });

  let downSince: number | undefined;
  const noteFailure = (error: unknown): void => {
    if (downSince !== undefined || !isConnectionFailure(error)) return;
    downSince = monotonicMs();
    log.warn('the database is unavailable', {
      problem: error instanceof Error ? error.message : String(error),
    });
  };
  const noteSuccess = (): void => {
    if (downSince === undefined) return;
    downSince = undefined;
    log.info('the database is available again');
  };
  // A connection that breaks says so whether or not somebody waits for it. Without listeners on
  // the pool (idle ones) and on each client (those in use), that would end the process.
  pool.on('error', noteFailure);
  pool.on('connect', (client) => {
    client.on('error', noteFailure);
  });

  const withClient = async <Value>(work: (client: PoolClient) => Promise<Value>) => {
    let client: PoolClient | undefined;
    try {
      client = await pool.connect();
      const value = await work(client);
      client.release();
      noteSuccess();
      return value;
    } catch (error) {
      // Only a connection that may be broken is thrown away, not one with a duplicate key.
      client?.release(isConnectionFailure(error) || client.getTransactionStatus() !== 'I');
      noteFailure(error);
      throw toDatabaseError(error);
    }
  };

  const transact = async <Value>(
    client: PoolClient,
    work: (transaction: Queryable) => Promise<Value>,
  ): Promise<Value> => {
    let isOver = false;
    const transaction: Queryable = {
      query: async (statement) => {
        if (isOver) throw new Error('the transaction is over: a query was not awaited');
        return runOn(client, statement);
      },
    };
    await client.query('BEGIN');
    try {
      const value = await work(transaction);
      isOver = true;
      const { command } = await client.query('COMMIT');
      // Postgres answers so when a statement had failed and the work went on regardless.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a query failed');
      return value;
    } catch (error) {
      isOver = true;
      // Where even this fails the connection is closed, which is the same to the server.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  };

  return {
    query: async (statement) => withClient(async (client) => runOn(client, statement)),
    downSinceMonotonicMs: () => downSince,
    transaction: async (work) => withClient(async (client) => transact(client, work)),
    close: async () => {
      const ended = pool.end().then(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          log.warn('connections to the database did not close in time');
          resolve();
        }, CLOSE_MS);
      });
      await Promise.race([ended, late]).finally(() => clearTimeout(timer));
    },
  };
};
