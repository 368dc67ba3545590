/**
 * Waits at the start of the manager for a server that is down or still starting, as long as it
 * takes. What waiting does not help (a wrong password, no such database) is a sentence at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { clientConfig } from './client-config.ts';
import { codeOf, isUnavailable } from './connection-failure.ts';
import type { DatabaseAddress } from './connection.ts';
import { describeAddress } from './database-url.ts';
import { NEWEST_MAJOR, OLDEST_MAJOR } from './supported-versions.ts';

export interface WaitOptions {
  readonly address: DatabaseAddress;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly firstDelayMs?: number;
}

export type WaitedFor =
  | { readonly ok: true; /** Such as 18. */ readonly major: number }
  | { readonly ok: false; readonly problem: string };

const CONNECT_MS = 5_000;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5_000;

type Attempt =
  | { readonly kind: 'up'; readonly major: number }
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'refused'; readonly problem: string };

const aboutSchema = z.tuple([
  z.object({ version: z.coerce.number().int(), writable: z.boolean() }),
]);

/** What to do about it, where that is not obvious from the server's own words. */
const ADVICE: Readonly<Record<string, string>> = {
  '28000': 'check the user in DATABASE_URL and pg_hba.conf of the server',
  '28P01': 'check the user and the password in DATABASE_URL',
  '3D000': 'create it (CREATE DATABASE …), or correct the name in DATABASE_URL',
  EACCES: 'the user of the manager may not open the socket',
};

const explain = (error: unknown, where: string): string => {
  const code = codeOf(error) ?? '';
  const message = error instanceof Error && error.message !== '' ? error.message : code;
  const advice = ADVICE[code];
  return `the database at ${where} refuses: ${message}${advice === undefined ? '' : `: ${advice}`}`;
};

const judge = (major: number, isWritable: boolean, where: string): Attempt => {
  if (major < OLDEST_MAJOR) {
    const problem =
      `the database at ${where} is Postgres ${major}: ` +
      `version ${OLDEST_MAJOR} to ${NEWEST_MAJOR} is needed`;
    return { kind: 'refused', problem };
  }
  // A standby, which may become the primary server.
  return isWritable ? { kind: 'up', major } : { kind: 'down', reason: 'it can only be read' };
};

const attempt = async (address: DatabaseAddress, where: string): Promise<Attempt> => {
  let client: Client;
  try {
    client = new Client({
      ...clientConfig(address),
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
    });
  } catch (error) {
    // Files that the URL names, such as a certificate, are read here.
    return { kind: 'refused', problem: explain(error, where) };
  }
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(
      "SELECT current_setting('server_version_num') AS version, " +
        "current_setting('transaction_read_only') = 'off' AS writable",
    );
    const [about] = aboutSchema.parse(rows);
    return judge(Math.floor(about.version / 10_000), about.writable, where);
  } catch (error) {
    if (!isUnavailable(error) || codeOf(error) === 'EACCES') {
      return { kind: 'refused', problem: explain(error, where) };
    }
    const reason = error instanceof Error && error.message !== '' ? error.message : codeOf(error);
    return { kind: 'down', reason: reason ?? 'no answer' };
  } finally {
    await client.end().catch(() => undefined);
  }
};

export const waitForDatabase = async (options: WaitOptions): Promise<WaitedFor> => {
  const { address, log, signal } = options;
  const where = describeAddress(address);
  let delayMs = options.firstDelayMs ?? FIRST_DELAY_MS;
  let said: string | undefined;
  while (!signal.aborted) {
    const result = await attempt(address, where);
    if (result.kind === 'refused') return { ok: false, problem: result.problem };
    if (result.kind === 'up') {
      if (said !== undefined) log.info('the database answers', { address: where });
      if (result.major > NEWEST_MAJOR) {
        log.warn('this version of Postgres is newer than what the manager is tested with', {
          version: result.major,
        });
      }
      return { ok: true, major: result.major };
    }
    if (result.reason !== said) {
      log.warn('waiting for the database', { address: where, reason: result.reason });
      said = result.reason;
    }
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    delayMs = Math.min(MAX_DELAY_MS, delayMs * 2);
  }
  return { ok: false, problem: `stopped while waiting for the database at ${where}` };
};
