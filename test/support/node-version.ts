/**
 * Other versions of Node, from the npm packages that hold its official binaries: the agent is to
 * run on what the guests have, not only on what this repository is developed with.
 */

import { basename, join } from 'node:path';
import { runCommand } from '../../scripts/run-command.ts';
import { cachedFolder } from '../../scripts/cached-folder.ts';
import type { Obtained } from './obtained.ts';
import { programVersion } from './program-version.ts';

const versions = {
  18: '18.20.8',
  20: '20.20.2',
  22: '22.23.3',
  24: '24.21.0',
} as const;

/** A binary is 30 to 50 MB of download. */
const installMs = 5 * 60_000;

/** npm names itself to its scripts; a test that is run without npm finds it on the PATH. */
async function npm(args: readonly string[]): ReturnType<typeof runCommand> {
  const cli = process.env['npm_execpath'];
  const timeoutMs = installMs;
  return cli !== undefined && basename(cli).startsWith('npm')
    ? await runCommand(process.execPath, [cli, ...args], { timeoutMs })
    : await runCommand('npm', args, { timeoutMs });
}

/** Node of that major version: this one, from the cache, or fetched now. */
export async function nodeBinary(major: keyof typeof versions): Promise<Obtained> {
  if (process.versions.node.startsWith(`${major}.`)) {
    return { ok: true, path: process.execPath, version: process.versions.node };
  }
  const install = `run the tests with Node ${major} as well (nvm install ${major})`;
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    const reason = `there is no package of it for ${process.platform} on ${process.arch}`;
    return { ok: false, reason, install };
  }

  const name = `node-linux-${process.arch}`;
  const version = versions[major];
  const cached = await cachedFolder(join('node', `${version}-${process.arch}`), async (folder) => {
    const { ok, output } = await npm([
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=5000',
      `${name}@${version}`,
    ]);
    return ok ? { ok } : { ok, reason: `npm says: ${output.trim().split('\n')[0] ?? ''}` };
  });
  if (!cached.ok) return { ...cached, install };
  const path = join(cached.folder, 'node_modules', name, 'bin', 'node');
  const runs = await programVersion(path);
  return runs.ok ? { ok: true, path, version: runs.version } : { ...runs, install };
}
