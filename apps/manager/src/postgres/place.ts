/**
 * Where the database's files are: `postgres` in the data folder. Root runs the server as another
 * user, who must get there. Where that cannot be (a data folder under /root, which is closed to
 * everybody else), the files are under /var/lib/innkeeper, and `postgres` is a link to them.
 */
import { randomBytes } from 'node:crypto';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rmdir,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { runProgram } from './run-program.ts';
import type { ServerUser } from './server-user.ts';
import type { System } from './system.ts';

export interface Place {
  /** Ours; the server's user may enter it. Without links in its path. */
  readonly folder: string;
  /** The data folder of Postgres. */
  readonly cluster: string;
}

export type FoundPlace =
  | { readonly ok: true; readonly place: Place }
  | { readonly ok: false; readonly problem: string };

const ENTER_MS = 10_000;
const PRIVATE_MODE = 0o700;
/** To be passed through, not to be listed. */
const OPEN_MODE = 0o711;
/** In a folder under the state folder: the link that leads to it. */
const OWNER_FILE = 'owner';

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** Asked of the system, which knows more than the bits of the mode. */
const canEnter = async (folder: string, user: ServerUser): Promise<boolean> => {
  const { ok } = await runProgram({
    file: '/bin/sh',
    args: ['-c', 'cd -- "$1"', 'sh', folder],
    env: {},
    cwd: '/',
    user,
    timeoutMs: ENTER_MS,
  });
  return ok;
};

/** @param mode where it is made now; what exists is left as it is */
const ensureFolder = async (path: string, mode: number): Promise<void> => {
  const isNew = (await mkdir(path, { recursive: true })) !== undefined;
  if (isNew) await chmod(path, mode);
};

/** Undefined: there is nothing, or a link to nothing. */
const realPathOf = async (path: string): Promise<string | undefined> => {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const placeAt = (folder: string): FoundPlace => ({
  ok: true,
  place: { folder, cluster: join(folder, 'cluster') },
});

export interface PlaceOptions {
  readonly dataDir: string;
  readonly user: ServerUser | undefined;
  readonly system: Pick<System, 'stateDir'>;
  readonly log: Log;
}

/** Whose data folder was deleted: nothing refers to their databases any more. */
const reportAbandoned = async (link: string, { system, log }: PlaceOptions): Promise<void> => {
  const names = await readdir(system.stateDir).catch((): string[] => []);
  for (const name of names) {
    const path = join(system.stateDir, name);
    const owner = await readFile(join(path, OWNER_FILE), 'utf8').catch(() => undefined);
    if (owner === link) log.warn('an earlier database of this data folder is left over', { path });
  }
};

const moveOut = async (
  link: string,
  user: ServerUser,
  options: PlaceOptions,
): Promise<FoundPlace> => {
  const { stateDir } = options.system;
  const cannot = `Postgres does not run as root, and its user "${user.name}" cannot enter ${link}`;
  const advice =
    'choose an INNKEEPER_DATA_DIR that every user may pass through, or set DATABASE_URL';
  if ((await realPathOf(join(link, 'cluster'))) !== undefined) {
    return { ok: false, problem: `${cannot}: allow it (chmod o+x on the folders), or ${advice}` };
  }
  await reportAbandoned(link, options);
  const folder = join(stateDir, randomBytes(6).toString('hex'));
  try {
    await ensureFolder(stateDir, 0o755);
    await ensureFolder(folder, OPEN_MODE);
    if (!(await canEnter(folder, user))) {
      await rmdir(folder);
      return { ok: false, problem: `${cannot}, nor ${stateDir}: ${advice}` };
    }
    await writeFile(join(folder, OWNER_FILE), link);
    await rmdir(link);
    await symlink(folder, link);
  } catch (error) {
    return {
      ok: false,
      problem: `${cannot}, and ${stateDir}: ${codeOf(error) ?? String(error)}: ${advice}`,
    };
  }
  options.log.info('the database is kept outside of the data folder', {
    path: folder,
    reason: `Postgres runs as "${user.name}", who cannot enter the data folder`,
  });
  return placeAt(folder);
};

/** @param options its data folder is an absolute path */
export const findPlace = async (options: PlaceOptions): Promise<FoundPlace> => {
  const { dataDir, user } = options;
  const path = join(dataDir, 'postgres');
  const mode = user === undefined ? PRIVATE_MODE : OPEN_MODE;
  try {
    await ensureFolder(dataDir, mode);
    const target = await readlink(path).catch(() => undefined);
    if (target !== undefined && (await realPathOf(path)) === undefined) {
      const problem = `the database was in ${target}, and is not there: bring it back, or delete the link ${path} to begin with an empty one`;
      return { ok: false, problem };
    }
    await ensureFolder(path, mode);
    const folder = await realpath(path);
    if (user === undefined || (await canEnter(folder, user))) return placeAt(folder);
    return await moveOut(path, user, options);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return {
      ok: false,
      problem: `cannot use the folder ${path} (INNKEEPER_DATA_DIR): ${code}`,
    };
  }
};
