/**
 * Programs of Debian and Ubuntu that tests compare with, without installing anything: the package
 * is fetched into the cache and unpacked there. The machine's own sources and keys are used, and
 * nothing of the system is changed, so that it works for an ordinary user too.
 */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { runCommand } from '../../scripts/run-command.ts';
import { cachedFolder } from '../../scripts/cached-folder.ts';
import type { Filled } from '../../scripts/cached-folder.ts';
import type { Obtained } from './obtained.ts';
import { programVersion } from './program-version.ts';

export interface DebianProgram {
  /** "prometheus-node-exporter" */
  package: string;
  /** Inside the package, without a slash in front: "usr/bin/prometheus-node-exporter" */
  path: string;
  /** Other names that it has on the PATH, as its authors distribute it: "node_exporter" */
  alsoNamed?: readonly string[];
  /** How it is asked for its version, which it must answer to count as running here. */
  versionArgs?: readonly string[];
  /** Unpacks what the package depends on beside it; `debianVariables` makes the program find it. */
  dependencies?: boolean;
  /** Keeps nothing else of what was unpacked: some packages bring hundreds of megabytes. */
  alone?: boolean;
}

type DebianPackage = Pick<DebianProgram, 'package' | 'dependencies' | 'alone'> &
  Partial<Pick<DebianProgram, 'path'>>;

/** The lists of packages of one release are some 10 MB, a package at most 100 MB. */
const updateMs = 3 * 60_000;
const downloadMs = 5 * 60_000;
const unpackMs = 60_000;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function findOnPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => isExecutable(path));
}

/** Settings that keep apt inside the given folder. */
function aptOptions(folder: string): string[] {
  const settings = {
    'Dir::Cache': folder,
    'Dir::Log': folder,
    // As root apt would hand the download to the user _apt, who may not write there.
    'APT::Sandbox::User': 'root',
    // Another apt at work must not stop a test.
    'Debug::NoLocking': '1',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
    'Acquire::Languages': 'none',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** Where nothing but our own lists of packages is read. */
function ownLists(folder: string): string[] {
  return ['-o', `Dir::State::lists=${join(folder, 'lists')}`];
}

async function runApt(folder: string, args: readonly string[], timeoutMs: number): Promise<Filled> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  const { ok, output } = await runCommand('apt-get', args, { cwd: folder, env, timeoutMs });
  const lines = output.trim().split('\n');
  // An update without a network ends well, with warnings.
  const said = lines.find((line) => /^(?:E:|W: Failed to fetch) /u.test(line));
  if (ok && said === undefined) return { ok };
  return { ok: false, reason: `apt-get says: ${said ?? lines.at(-1) ?? 'nothing'}` };
}

/** Nothing is installed; with dependencies, those come that this machine does not have yet. */
function fetchCommand({ dependencies }: DebianPackage): string[] {
  if (dependencies !== true) return ['download'];
  return ['install', '--download-only', '--yes', '--no-install-recommends'];
}

/** The lists of the system, if it has them; otherwise, or if they are too old, lists of our own. */
async function download(folder: string, program: DebianPackage): Promise<Filled> {
  const options = aptOptions(folder);
  const command = fetchCommand(program);
  const first = await runApt(folder, [...command, ...options, program.package], downloadMs);
  if (first.ok) return first;

  mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
  const own = [...options, ...ownLists(folder)];
  // A source that cannot be reached fails the update, while the one that counts may have come.
  const update = await runApt(folder, ['update', ...own], updateMs);
  const second = await runApt(folder, [...command, ...own, program.package], downloadMs);
  return second.ok || update.ok ? second : update;
}

/** The folders of shared libraries in an unpacked package. */
function libraryFolders(unpacked: string): string[] {
  const isFolder = (path: string): boolean =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const parents = ['usr/lib', 'lib'].map((name) => join(unpacked, name)).filter(isFolder);
  const below = parents.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return [...parents, ...below.filter(isFolder)];
}

/** Where a program is that was unpacked into the cache: the folder that stands for `/`. */
export function unpackedRoot(path: string, program: DebianProgram): string | undefined {
  const folder = path.slice(0, -program.path.length - 1);
  const isUnpacked = path.endsWith(`/root/${program.path}`) && existsSync(folder);
  return isUnpacked ? folder : undefined;
}

/** For the environment of a program whose dependencies may have been unpacked beside it. */
export function debianVariables(path: string, program: DebianProgram): Record<string, string> {
  const folder = unpackedRoot(path, program);
  if (folder === undefined || program.dependencies !== true) return {};
  return { LD_LIBRARY_PATH: libraryFolders(folder).join(delimiter) };
}

function keepAlone(folder: string, path: string): void {
  const aside = join(folder, 'aside');
  renameSync(join(folder, 'root', path), aside);
  rmSync(join(folder, 'root'), { recursive: true });
  mkdirSync(dirname(join(folder, 'root', path)), { recursive: true });
  renameSync(aside, join(folder, 'root', path));
}

async function fill(folder: string, program: DebianPackage): Promise<Filled> {
  const work = join(folder, 'apt');
  mkdirSync(work);
  const downloaded = await download(work, program);
  if (!downloaded.ok) return downloaded;
  const files = [work, join(work, 'archives')]
    .filter((place) => existsSync(place))
    .flatMap((place) => readdirSync(place).map((entry) => join(place, entry)))
    .filter((path) => path.endsWith('.deb'));
  if (files.length === 0) return { ok: false, reason: 'apt-get left no file' };

  for (const file of files) {
    const args = ['-x', file, join(folder, 'root')];
    const unpacked = await runCommand('dpkg-deb', args, { timeoutMs: unpackMs });
    if (!unpacked.ok) return { ok: false, reason: `dpkg-deb says: ${unpacked.output.trim()}` };
  }
  if (program.alone === true && program.path !== undefined) keepAlone(folder, program.path);
  // The package and the lists take more space than what is wanted of them.
  await runCommand('rm', ['-rf', work], { timeoutMs: unpackMs });
  return { ok: true };
}

/** Into the cache, once. */
async function unpack(
  program: DebianPackage,
): Promise<{ ok: true; folder: string } | { ok: false; reason: string }> {
  return await cachedFolder(
    join('debian', `${program.package}-${process.arch}`),
    async (folder) => await fill(folder, program),
  );
}

/** A package that holds no program, with what it depends on; `path` is the folder that stands for `/`. */
export async function debianFiles(name: string): Promise<Obtained> {
  const install = `apt-get install ${name}`;
  if (findOnPath(['apt-get']) === undefined || findOnPath(['dpkg-deb']) === undefined) {
    return { ok: false, reason: 'this is not Debian or Ubuntu', install };
  }
  const cached = await unpack({ package: name, dependencies: true });
  if (!cached.ok) return { ...cached, install };
  return { ok: true, path: join(cached.folder, 'root'), version: name };
}

/** A program of a Debian package: from the PATH, from the cache, or fetched now. */
export async function debianBinary(program: DebianProgram): Promise<Obtained> {
  const install = `apt-get install ${program.package}`;
  const names = [basename(program.path), ...(program.alsoNamed ?? [])];
  const onPath = findOnPath(names);
  if (onPath !== undefined) {
    const runs = await programVersion(onPath, program.versionArgs);
    if (runs.ok) return { ok: true, path: onPath, version: runs.version };
  }
  if (findOnPath(['apt-get']) === undefined || findOnPath(['dpkg-deb']) === undefined) {
    const reason = `${names.join(' or ')} is not on the PATH, and this is not Debian or Ubuntu`;
    return { ok: false, reason, install: `put ${names.at(-1)} on the PATH` };
  }

  const cached = await unpack(program);
  if (!cached.ok) return { ...cached, install };
  const path = join(cached.folder, 'root', program.path);
  if (!existsSync(path)) {
    return { ok: false, reason: `${program.package} contains no ${program.path}`, install };
  }
  const variables = debianVariables(path, program);
  const runs = await programVersion(path, program.versionArgs, variables);
  return runs.ok ? { ok: true, path, version: runs.version } : { ...runs, install };
}
