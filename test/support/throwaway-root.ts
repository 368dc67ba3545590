/**
 * A root of its own for a program that may be talked into anything: the system's folders are there
 * to be read, everything else is in memory and gone with the program, which has no network, sees no
 * processes but its own, and may not mount, make devices or reboot, though it is root in there.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { BUNDLE } from './agent-process.ts';
import { enterNamespace, type Namespace } from './namespace.ts';

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc', '/opt'];

/** What is left of root's rights: to become another user, and to end what that one runs. */
const SETPRIV = [
  'setpriv',
  '--no-new-privs',
  '--bounding-set=-all,+setuid,+setgid,+kill,+chown,+dac_override,+fowner',
];

/**
 * Process 1 of the namespace collects the processes that others leave behind, as an init system
 * does, and ends with the program.
 */
const INIT = 'trap : TERM; "$@" & wait $!; code=$?; kill -KILL $! 2>/dev/null; exit $code';

/**
 * @param folder where the root is mounted; of nobody else
 * @param shared is the same inside and outside, and may be written
 * @param readable further folders that the program reads, such as that of its configuration
 */
export const throwawayRoot = (
  folder: string,
  shared: string,
  readable: readonly string[],
): Namespace => {
  mkdirSync(folder, { recursive: true });
  const quoted = (paths: readonly string[]): string => paths.map((path) => `'${path}'`).join(' ');
  const read = [...SYSTEM, ...readable, dirname(BUNDLE.path), dirname(process.execPath)];
  return enterNamespace(`
root='${folder}'
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir "$root/proc" "$root/run" "$root/dev"
mount -t proc proc "$root/proc"
for device in null zero urandom; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
for path in ${quoted(read)}; do
  if [ -d "$path" ] && [ ! -e "$root$path" ]; then
    mkdir -p "$root$path"
    mount --bind "$path" "$root$path"
    mount -o remount,bind,ro "$root$path"
  fi
done
mkdir -p "$root${shared}"
mount --bind '${shared}' "$root${shared}"
cd /
exec chroot "$root" ${SETPRIV.join(' ')} sh -c '${INIT}' sh "$@"
`);
};
