/**
 * The attribute files of devices that come and go, such as /sys/class/net/<device>/mtu. They stay
 * open between reads and are closed when their device is gone.
 */
import type { KernelFiles } from './kernel-files.ts';
import type { Source } from './source.ts';

export interface DeviceFiles {
  file(device: string, attribute: string): Source;
  /** Forgets all devices but these. */
  keepOnly(devices: readonly string[]): void;
}

/**
 * Each open file is a descriptor, and systemd gives a service 1,024. A machine with more devices
 * than fit (a container host) gets its attributes by opening the files each time.
 */
const MAX_OPEN = 512;

/** A directory above its own would let a device's name choose the file. */
const SAFE_NAME = /^[^/]+$/u;

export const makeDeviceFiles = (kernel: KernelFiles, directory: string): DeviceFiles => {
  const open = new Map<string, Map<string, Source>>();
  let openCount = 0;

  const closeDevice = (device: string, sources: ReadonlyMap<string, Source>): void => {
    for (const source of sources.values()) source.close();
    openCount -= sources.size;
    open.delete(device);
  };

  const oneOff = (path: string): Source => ({
    path,
    read: () => kernel.readSys(path),
    close: () => undefined,
  });

  return {
    file: (device, attribute) => {
      const known = open.get(device)?.get(attribute);
      if (known !== undefined) return known;
      if (!SAFE_NAME.test(device) || device === '..' || device === '.') {
        return oneOff(`${directory}/invalid`);
      }
      const path = `${directory}/${device}/${attribute}`;
      if (openCount >= MAX_OPEN) return oneOff(path);
      const source = kernel.sys(path, { whole: true });
      const sources = open.get(device) ?? new Map<string, Source>();
      sources.set(attribute, source);
      open.set(device, sources);
      openCount += 1;
      return source;
    },
    keepOnly: (devices) => {
      if (devices.length === open.size && devices.every((device) => open.has(device))) return;
      const kept = new Set(devices);
      for (const [device, sources] of open) if (!kept.has(device)) closeDevice(device, sources);
    },
  };
};
