import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { makeDeviceFiles } from './device-files.ts';
import { makeKernelFiles } from './kernel-files.ts';

const setUp = (texts: Readonly<Record<string, string>> = {}) => {
  const files = makeFakeFiles(texts);
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  return { files, devices: makeDeviceFiles(kernel, 'class/net') };
};

const many = (count: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`/sys/class/net/veth${index}/mtu`, `${index}\n`]),
  );

describe('makeDeviceFiles', () => {
  it('reads an attribute of a device, and keeps it open', () => {
    const { files, devices } = setUp({ '/sys/class/net/eth0/mtu': '1500\n' });
    expect(devices.file('eth0', 'mtu').read()).toEqual({ ok: true, value: '1500\n' });
    expect(devices.file('eth0', 'mtu').read()).toEqual({ ok: true, value: '1500\n' });
    expect(files.openCount()).toBe(1);
  });

  it('closes the files of devices that are gone, and only these', () => {
    const { files, devices } = setUp({
      '/sys/class/net/eth0/mtu': '1500\n',
      '/sys/class/net/eth0/flags': '0x1003\n',
      '/sys/class/net/eth1/mtu': '9000\n',
    });
    for (const [device, attribute] of [
      ['eth0', 'mtu'],
      ['eth0', 'flags'],
      ['eth1', 'mtu'],
    ] as const) {
      devices.file(device, attribute).read();
    }
    devices.keepOnly(['eth0', 'eth1']);
    expect(files.openCount()).toBe(3);
    devices.keepOnly(['eth1']);
    expect(files.openCount()).toBe(1);
    devices.keepOnly(['eth2']);
    expect(files.openCount()).toBe(0);
  });

  it('opens a bounded number of files, and reads the others all the same', () => {
    const { files, devices } = setUp(many(2000));
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 2000; index += 1) {
        expect(devices.file(`veth${index}`, 'mtu').read()).toEqual({
          ok: true,
          value: `${index}\n`,
        });
      }
    }
    expect(files.openCount()).toBe(512);
    devices.keepOnly([]);
    expect(files.openCount()).toBe(0);
  });

  it('has room again when devices are gone', () => {
    const { files, devices } = setUp(many(1024));
    for (let index = 0; index < 1024; index += 1) devices.file(`veth${index}`, 'mtu').read();
    const later = Array.from({ length: 512 }, (_, index) => `veth${index + 512}`);
    devices.keepOnly(later);
    expect(files.openCount()).toBe(0);
    for (const device of later) devices.file(device, 'mtu').read();
    expect(files.openCount()).toBe(512);
  });

  it.each(['..', '.', '', 'a/b', '../../etc', '/etc', 'a/../../b'])(
    'lets a device named %j choose no other file',
    (device) => {
      const { files, devices } = setUp({
        '/sys/class/secret': 'x',
        '/sys/secret': 'x',
        '/etc/secret': 'x',
      });
      const opened: string[] = [];
      const watching = makeDeviceFiles(
        makeKernelFiles(
          {
            ...files,
            open: (path, options) => {
              opened.push(path);
              return files.open(path, options);
            },
            readText: (path, options) => {
              opened.push(path);
              return files.readText(path, options);
            },
          },
          { procRoot: '/proc', sysRoot: '/sys' },
        ),
        'class/net',
      );
      expect(watching.file(device, 'secret').read().ok).toBe(false);
      expect(devices.file(device, 'secret').read().ok).toBe(false);
      expect(opened).toEqual(['/sys/class/net/invalid']);
    },
  );
});
