/** A data folder of Postgres ("cluster"): made once, and never half. */
import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Programs } from './programs.ts';
import { runProgram } from './run-program.ts';
import type { ServerUser } from './server-user.ts';

/** Of our own, in a cluster that nobody else uses. */
export const DATABASE_USER = 'innkeeper';

export type ReadVersion =
  | { readonly ok: true; /** Undefined: there is no cluster. */ readonly major: number | undefined }
  | { readonly ok: false; readonly problem: string };

export type MadeCluster = { readonly ok: true } | { readonly ok: false; readonly problem: string };

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

export const readClusterVersion = async (cluster: string): Promise<ReadVersion> => {
  const path = join(cluster, 'PG_VERSION');
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (/^\d{1,3}$/u.test(text)) return { ok: true, major: Number(text) };
    return { ok: false, problem: `${path} does not name a version of Postgres` };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      return { ok: false, problem: `cannot read ${path}: ${String(codeOf(error))}` };
    }
  }
  const names = await readdir(cluster).catch((): string[] => []);
  if (names.length === 0) return { ok: true, major: undefined };
  return { ok: false, problem: `${cluster} has files in it, and they are no Postgres database` };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

/** An initdb that has lost its manager goes on for a moment, and adds files while they are removed. */
const REMOVE = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 } as const;

/** Of a start that was killed. Those of one that is under way are left alone. */
const removeHalfMade = async (cluster: string): Promise<void> => {
  const prefix = `${basename(cluster)}.new-`;
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(prefix)) continue;
    const [pid] = name.slice(prefix.length).split('-');
    if (isAlive(Number(pid)) && Number(pid) !== process.pid) continue;
    await rm(join(dirname(cluster), name), REMOVE).catch(() => {
      // Its initdb lives on and writes. It is in nobody's way, and the next start finds it again.
    });
  }
};

export interface MakeClusterOptions {
  readonly cluster: string;
  readonly programs: Programs;
  readonly user: ServerUser | undefined;
  /** False: faster, and lost when the machine goes down. For tests. */
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
}

const INIT_MS = 120_000;

/** Made aside and renamed: a start that was killed half-way leaves nothing that looks complete. */
export const makeCluster = async (options: MakeClusterOptions): Promise<MadeCluster> => {
  const { cluster, programs, user, durable, signal } = options;
  await removeHalfMade(cluster);
  const aside = `${cluster}.new-${process.pid}-${randomUUID().slice(0, 8)}`;
  try {
    await mkdir(aside, { mode: 0o700 });
    if (user !== undefined) await chown(aside, user.uid, user.gid);
    const made = await runProgram({
      file: join(programs.bin, 'initdb'),
      args: [
        `--pgdata=${aside}`,
        `--username=${DATABASE_USER}`,
        // Whoever reaches the socket, in a folder that only the owner and root can enter, is in.
        '--auth-local=trust',
        '--auth-host=reject',
        // Order by bytes: nothing changes when the system's locales do.
        '--encoding=UTF8',
        '--no-locale',
        '--data-checksums',
        ...(durable ? [] : ['--no-sync']),
      ],
      env: programs.env,
      cwd: dirname(cluster),
      user,
      timeoutMs: INIT_MS,
      signal,
    });
    if (!made.ok) return { ok: false, problem: `initdb failed: ${made.problem}` };
    await rename(aside, cluster);
    return { ok: true };
  } catch (error) {
    // A second process started at this moment and was faster: its cluster is as good.
    if (['ENOTEMPTY', 'EEXIST'].includes(String(codeOf(error)))) return { ok: true };
    throw error;
  } finally {
    await rm(aside, REMOVE);
  }
};
