/**
 * Which of the machine's mounts the agent sees as well. A hardened unit or a container gives it a
 * mount namespace of its own, where the same path may lead to another filesystem: to ask there for
 * the space of the machine's /data would give the numbers of something else under its name.
 */
import { parseMountinfo } from '@innkeeper/procfs';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { WatchedMount } from './mounts.ts';

export type IsVisible = (mount: Pick<WatchedMount, 'deviceId' | 'mountPoint'>) => boolean;

const everything: IsVisible = () => true;

/** Only a privileged agent may read the link of process 1; without it nothing is known. */
const sharesNamespace = (kernel: KernelFiles): boolean => {
  const machine = kernel.readProcLink('1/ns/mnt');
  const own = kernel.readProcLink('self/ns/mnt');
  return machine.ok && own.ok && machine.value === own.value;
};

/** Neither process changes its namespace, so for most agents one look at the links is all. */
export const makeOwnView = (kernel: KernelFiles): ((machineMountinfo: string) => IsVisible) => {
  if (sharesNamespace(kernel)) return () => everything;
  const source = kernel.proc('self/mountinfo', { long: true });
  return (machineMountinfo) => {
    const text = source.read();
    // The numbers of mounts are in it, and each namespace has its own: the same text, the same view.
    if (!text.ok || text.value === machineMountinfo) return everything;
    const mounts = parseMountinfo(text.value);
    if (!mounts.ok) return everything;
    // A later mount on the same point hides the earlier one.
    const devices = new Map(mounts.value.map(({ mountPoint, deviceId }) => [mountPoint, deviceId]));
    return ({ mountPoint, deviceId }) => devices.get(mountPoint) === deviceId;
  };
};
