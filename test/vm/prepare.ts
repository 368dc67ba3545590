/**
 * What guests need of the machine and of its network, got before the tests enter a network that
 * nothing leaves. Nothing is installed: all of it is unpacked, or built, in the cache.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { buildNative } from '../../scripts/build/native.ts';
import { obtainBusybox } from '../support/busybox-root.ts';
import { obtainQemu } from '../support/qemu.ts';
import { obtainGuestImage, type GuestInit } from './guest-image.ts';

export type Prepared = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** /sys shows the devices of the network in which it was mounted. */
const ENTER = 'ip link set lo up && mount -t sysfs -o ro sysfs /sys && exec "$@"';

/** Put before a command, which then runs in a network of its own and sees no other. */
export const NETWORK_LAUNCHER: readonly string[] = [
  ...'unshare --net --mount --propagation private sh -c'.split(' '),
  ENTER,
  'sh',
];

const TRIAL_MS = 10_000;

/** Containers often may not, even as root. */
const findObstacle = (): string | undefined => {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return 'this user may not open /dev/net/tun';
  }
  const [file, ...args] = [...NETWORK_LAUNCHER, 'true'];
  const { status, error, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: TRIAL_MS });
  if (status === 0) return undefined;
  return `this user may not make a network of its own: ${error?.message ?? stderr.trim()}`;
};

export const prepareGuests = async (
  inits: readonly GuestInit[],
  /** For each image that is not there yet. */
  imageMs?: number,
): Promise<Prepared> => {
  const obstacle = findObstacle();
  if (obstacle !== undefined) return { ok: false, reason: obstacle };
  for (const obtain of [buildNative, obtainQemu, obtainBusybox]) {
    const obtained = await obtain();
    if (!obtained.ok) {
      return { ok: false, reason: `${obtained.reason}. To have it: ${obtained.install}` };
    }
  }
  for (const init of inits) {
    const image = await obtainGuestImage(init, imageMs);
    if (!image.ok) return image;
  }
  return { ok: true };
};
