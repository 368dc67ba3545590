/** What a guest of the tests boots from: built once for each version of the script that builds it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cachedFolder, type Filled } from '../../scripts/cached-folder.ts';
import { runCommand } from '../../scripts/run-command.ts';
import { debianBinary } from '../support/debian-package.ts';

export type GuestImage =
  | { readonly ok: true; readonly kernel: string; readonly disk: string }
  | { readonly ok: false; readonly reason: string };

/** What starts services in it. */
export type GuestInit = 'systemd' | 'openrc';

const SCRIPT = join(import.meta.dirname, 'build-image.sh');
/** Half a minute on a machine that does nothing else, and five on a very busy one. */
const BUILD_MS = 10 * 60_000;

const build = async (folder: string, init: GuestInit, timeoutMs: number): Promise<Filled> => {
  const mmdebstrap = await debianBinary({
    package: 'mmdebstrap',
    path: 'usr/bin/mmdebstrap',
    dependencies: true,
  });
  if (!mmdebstrap.ok) return mmdebstrap;
  // What is mounted and started on the way is so for the script alone, and gone with it.
  const own = '--mount --propagation private --pid --fork --kill-child --mount-proc'.split(' ');
  const args = [...own, 'sh', SCRIPT, folder, init];
  const path = `${dirname(mmdebstrap.path)}:${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, LC_ALL: 'C.UTF-8', PATH: path };
  const built = await runCommand('unshare', args, { timeoutMs, env });
  if (built.ok) return { ok: true };
  const last = built.output.trim().split('\n').slice(-5).join(' | ');
  return { ok: false, reason: `the image of the guest cannot be built: ${last}` };
};

export const obtainGuestImage = async (
  init: GuestInit,
  buildMs = BUILD_MS,
): Promise<GuestImage> => {
  if (process.getuid?.() !== 0) return { ok: false, reason: 'only root can build a guest' };
  if (process.arch !== 'x64') return { ok: false, reason: 'guests are built for x86_64 only' };
  const hash = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 16);
  const cached = await cachedFolder(
    join('vm', `debian-${init}-${hash}`),
    async (folder) => await build(folder, init, buildMs),
  );
  if (!cached.ok) return cached;
  const { folder } = cached;
  return { ok: true, kernel: join(folder, 'vmlinuz'), disk: join(folder, 'root.img') };
};
