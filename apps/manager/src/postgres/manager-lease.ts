/**
 * One manager for each database of our own: a lock that Postgres holds for a connection, and
 * gives back when the manager that had it is gone, however it went.
 */
import { Client } from 'pg';
import { DATABASE_USER } from './cluster.ts';
import { SOCKET_PORT } from './server-process.ts';

export interface Lease {
  /** The connection broke: the server ended, or somebody cut it. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

export type TakenLease =
  | { readonly kind: 'taken'; readonly lease: Lease }
  | { readonly kind: 'held by another' }
  | { readonly kind: 'no connection'; readonly problem: string };

/** Any number, as long as nobody else uses it in this cluster. */
const LOCK_KEY = '4861203155093274113';
const CONNECT_MS = 5_000;
const RELEASE_MS = 2_000;

/** @param queryMs how long a statement may take */
export const connectAsOwner = (
  socketDir: string,
  database: string,
  queryMs = CONNECT_MS,
): Client => {
  const client = new Client({
    host: socketDir,
    port: SOCKET_PORT,
    user: DATABASE_USER,
    database,
    ssl: false,
    fallback_application_name: 'innkeeper',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: queryMs,
  });
  // Without a listener, a server that ends would end this process too.
  client.on('error', () => undefined);
  return client;
};

const endWithin = async (client: Client, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  const ended = client.end().catch(() => undefined);
  await Promise.race([ended, late]).finally(() => clearTimeout(timer));
};

export const takeLease = async (socketDir: string): Promise<TakenLease> => {
  const client = connectAsOwner(socketDir, 'postgres');
  const lost = new Promise<void>((resolve) => {
    client.once('end', resolve);
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ got: unknown }>({
      text: 'SELECT pg_try_advisory_lock($1::bigint) AS got',
      values: [LOCK_KEY],
    });
    if (rows[0]?.got !== true) {
      await endWithin(client, RELEASE_MS);
      return { kind: 'held by another' };
    }
  } catch (error) {
    await endWithin(client, RELEASE_MS);
    const problem = error instanceof Error ? error.message : String(error);
    return { kind: 'no connection', problem };
  }
  return {
    kind: 'taken',
    lease: { lost, release: async () => endWithin(client, RELEASE_MS) },
  };
};
