/**
 * The browser of the end-to-end tests: the machine's Chromium. Root on Debian or Ubuntu gets it
 * installed, with a font, since a browser without one draws boxes; anybody else is told how.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from '../../scripts/run-command.ts';
import type { Obtained } from './obtained.ts';
import { programVersion } from './program-version.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;
const PACKAGES = ['chromium', 'fonts-dejavu-core'] as const;
const INSTALL = `apt-get install --no-install-recommends ${PACKAGES.join(' ')}`;
/** The lists are some 10 MB, the packages some 100. */
const APT_MS = 8 * 60_000;
/** Somebody else's apt may be at work. */
const LOCK_SECONDS = 120;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const onPath = (names: readonly string[]): string | undefined =>
  names
    .flatMap((name) =>
      (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)),
    )
    .find(isExecutable);

const find = async (): Promise<Obtained> => {
  const path = onPath(NAMES);
  if (path === undefined) {
    return { ok: false, reason: `none of ${NAMES.join(', ')} is on the PATH`, install: INSTALL };
  }
  const runs = await programVersion(path);
  return runs.ok ? { ok: true, path, version: runs.version } : { ...runs, install: INSTALL };
};

const apt = async (...args: readonly string[]): Promise<boolean> => {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`, '--yes'];
  const { ok } = await runCommand('apt-get', [...args, ...options], { env, timeoutMs: APT_MS });
  return ok;
};

export const obtainChromium = async (): Promise<Obtained> => {
  const found = await find();
  const isRoot = process.getuid?.() === 0;
  if (found.ok || !isRoot || onPath(['apt-get']) === undefined) return found;
  process.stderr.write('installing chromium for the tests…\n');
  const install = ['install', '--no-install-recommends', ...PACKAGES];
  // The lists of packages may be missing, or too old for the mirror.
  if (!(await apt(...install)) && (await apt('update'))) await apt(...install);
  return find();
};
