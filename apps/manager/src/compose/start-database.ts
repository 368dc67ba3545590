/** Postgres, the manager's own or somebody's, with the tables of this release. */
import type { Clock } from '../clock.ts';
import type { DatabaseAddress } from '../database/connection.ts';
import { parseDatabaseUrl } from '../database/database-url.ts';
import { migrate } from '../database/migrate.ts';
import { openDatabase, type OpenedDatabase } from '../database/pool.ts';
import { waitForDatabase } from '../database/wait-for-database.ts';
import type { Log } from '../log.ts';
import { startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import type { System } from '../postgres/system.ts';
import { failed, misconfigured, type StartProblem } from './problem.ts';
import type { Releasers } from './releasers.ts';

export interface StartedDatabase {
  readonly ok: true;
  readonly database: OpenedDatabase;
  readonly embedded: boolean;
  /** Such as "18.4" or "15". */
  readonly version: string;
  /** Settles with a sentence when the embedded server is down for good. */
  readonly ended: Promise<string>;
}

export interface DatabaseOptions {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly migrations: string;
  readonly system: System;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: AbortSignal;
  readonly releasers: Releasers;
}

interface Server {
  readonly ok: true;
  readonly address: DatabaseAddress;
  readonly version: string;
  readonly ended: Promise<string>;
}

const NEVER = new Promise<string>(() => undefined);

const startOwn = async (options: DatabaseOptions): Promise<Server | StartProblem> => {
  const { dataDir, system, clock, log, stop, releasers } = options;
  const started = await startEmbeddedPostgres({
    dataDir,
    system,
    log,
    monotonicMs: () => clock.monotonicMs(),
    signal: stop,
  });
  if (!started.ok) return failed(started.problem);
  const { server } = started;
  releasers.add('Postgres', async () => server.stop());
  return {
    ok: true,
    address: { connection: server.connection },
    version: server.version,
    ended: server.ended.then((problem) => problem ?? NEVER),
  };
};

const reachTheirs = async (
  url: string,
  { log, stop }: DatabaseOptions,
): Promise<Server | StartProblem> => {
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) return misconfigured(parsed.problem);
  const waited = await waitForDatabase({ address: parsed.address, log, signal: stop });
  if (!waited.ok) return failed(waited.problem);
  return { ok: true, address: parsed.address, version: String(waited.major), ended: NEVER };
};

export const startDatabase = async (
  options: DatabaseOptions,
): Promise<StartedDatabase | StartProblem> => {
  const { databaseUrl, migrations, log, stop, releasers } = options;
  const server = await (databaseUrl === undefined
    ? startOwn(options)
    : reachTheirs(databaseUrl, options));
  if (!server.ok) return server;
  const { address, version, ended } = server;
  const migrated = await migrate({ address, folder: migrations, log, signal: stop });
  if (!migrated.ok) return failed(migrated.problem);
  const database = openDatabase({ address, log, monotonicMs: () => options.clock.monotonicMs() });
  releasers.add('connections to Postgres', async () => database.close());
  return { ok: true, database, embedded: databaseUrl === undefined, version, ended };
};
