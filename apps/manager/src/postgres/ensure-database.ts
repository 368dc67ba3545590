/** Makes the manager's database in a cluster of our own, at the first start. */
import { connectAsOwner } from './manager-lease.ts';

export type EnsuredDatabase =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: string };

/** It copies some MB, and waits for the disk. */
const CREATE_MS = 120_000;
const DUPLICATE_DATABASE = '42P04';

/** @param name one of ours: it becomes part of the statement */
export const ensureDatabase = async (socketDir: string, name: string): Promise<EnsuredDatabase> => {
  const client = connectAsOwner(socketDir, 'postgres', CREATE_MS);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    return { ok: true };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === DUPLICATE_DATABASE) {
      return { ok: true };
    }
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: `cannot make the database ${name}: ${why}` };
  } finally {
    await client.end().catch(() => undefined);
  }
};
