/**
 * Where a path that a VMM names is on this machine. A path may be relative to the VMM's folder, and
 * Firecracker's jailer gives it a root and a mount namespace of its own: there `/fc.sock` is
 * `/srv/jailer/firecracker/<id>/root/fc.sock` here. Going through /proc/<pid>/root instead would let
 * a link inside the jail lead anywhere, so the path is translated with the two mount tables
 * (proc_pid_mountinfo(5)) and then checked like any other.
 */
import { parseMountinfo, type Mount } from '@innkeeper/procfs';
import type { MissingPart } from '@innkeeper/protocol';
import type { Outcome } from '../../platform/platform.ts';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import { missing, missingFrom, PTRACE } from '../missing-part.ts';
import { isBelow } from './path-components.ts';

export type Located = { readonly ok: true; readonly path: string } | MissingPart;

export interface VmmPaths {
  locate(pid: number, path: string): Located;
}

const join = (folder: string, path: string): string =>
  `${folder === '/' ? '' : folder}${path === '/' ? '' : path}` || '/';

/** The mount whose `side` holds the path most closely; of equals the last, which covers the others. */
const closest = (
  mounts: readonly Mount[],
  side: 'mountPoint' | 'root',
  path: string,
): Mount | undefined => {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const place = mount[side];
    if (place !== path && !isBelow(path, place)) continue;
    if (best === undefined || place.length >= best[side].length) best = mount;
  }
  return best;
};

const rest = (path: string, folder: string): string =>
  folder === '/' ? path : path.slice(folder.length);

/** From a path in one mount namespace to the same file in another. */
const translate = (
  path: string,
  there: readonly Mount[],
  here: readonly Mount[],
): string | undefined => {
  const from = closest(there, 'mountPoint', path);
  if (from === undefined) return undefined;
  const inFilesystem = join(from.root, rest(path, from.mountPoint));
  const sameDevice = here.filter(({ deviceId }) => deviceId === from.deviceId);
  const to = closest(sameDevice, 'root', inFilesystem);
  return to === undefined ? undefined : join(to.mountPoint, rest(inFilesystem, to.root));
};

export const makeVmmPaths = (kernel: KernelFiles): VmmPaths => {
  const mountsOf = (who: number | 'self'): Outcome<readonly Mount[]> => {
    const text = kernel.readProc(`${who}/mountinfo`, { long: true });
    if (!text.ok) return text;
    const mounts = parseMountinfo(text.value);
    if (mounts.ok) return mounts;
    return { ok: false, error: { code: 'EINVAL', message: mounts.error.detail } };
  };

  const acrossNamespaces = (pid: number, path: string): Located => {
    const there = mountsOf(pid);
    if (!there.ok) return missingFrom(there.error, PTRACE);
    const here = mountsOf('self');
    if (!here.ok) return missingFrom(here.error, PTRACE);
    const found = translate(path, there.value, here.value);
    if (found !== undefined) return { ok: true, path: found };
    const where = "is in the VMM's own mount namespace, where the agent has no way to it";
    return missing('absent', `${path.slice(0, 200)} ${where}`);
  };

  /** `./x` is `x`; what is stranger than that is left for the check to refuse. */
  const absolute = (folder: string, path: string): string =>
    join(folder, `/${path.replace(/^(?:\.\/+)+/u, '')}`);

  return {
    locate: (pid, path) => {
      const root = kernel.readProcLink(`${pid}/root`);
      if (!root.ok) return missingFrom(root.error, PTRACE);
      const isRelative = !path.startsWith('/');
      const folder = isRelative ? kernel.readProcLink(`${pid}/cwd`) : root;
      if (!folder.ok) return missingFrom(folder.error, PTRACE);
      const there = absolute(folder.value, isRelative ? path : path.slice(1));
      // The kernel shows a folder as far as the reader's own root reaches, so one that a chroot has
      // led into is shown whole, and one in another mount namespace as that namespace has it.
      if (root.value !== '/') return { ok: true, path: there };
      const namespace = kernel.readProcLink(`${pid}/ns/mnt`);
      const own = kernel.readProcLink('self/ns/mnt');
      if (!namespace.ok) return missingFrom(namespace.error, PTRACE);
      if (own.ok && own.value === namespace.value) return { ok: true, path: there };
      return acrossNamespaces(pid, there);
    },
  };
};
