/**
 * A real QEMU of Debian, with software emulation: no test needs KVM, and where /dev/kvm is there it
 * may still not run a guest. It has two QMP sockets, as each serves one client at a time: one for
 * the agent, one for the test.
 * https://www.qemu.org/docs/master/system/invocation.html
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBootDisk, type Pace } from './boot-sector.ts';
import {
  debianBinary,
  debianVariables,
  unpackedRoot,
  type DebianProgram,
} from './debian-package.ts';
import type { Obtained } from './obtained.ts';
import { connectQmp, type QmpClient } from './qmp-client.ts';
import { waitUntil } from './wait-until.ts';

const PROGRAM: DebianProgram = {
  package: 'qemu-system-x86',
  path: 'usr/bin/qemu-system-x86_64',
  dependencies: true,
};

const FIRMWARE = ['usr/share/qemu', 'usr/share/seabios', 'usr/lib/ipxe/qemu'];

export const obtainQemu = async (): Promise<Obtained> => debianBinary(PROGRAM);

export interface QemuOptions {
  readonly path: string;
  /** For its disk and sockets. */
  readonly folder: string;
  readonly name: string;
  readonly uuid: string;
  readonly pace: Pace;
  readonly cpus?: number;
  readonly memoryMib?: number;
  readonly disk?: 'virtio-blk-pci' | 'nvme';
  /** An existing one; the guest's network card is a boot device, so its firmware asks for DHCP. */
  readonly tap?: string;
  readonly hasBalloon?: boolean;
  /** Put before the command: `nsenter --net=… --`. */
  readonly launcher?: readonly string[];
  readonly args?: readonly string[];
}

interface QemuCommand extends Pick<QemuOptions, 'path' | 'folder' | 'name' | 'uuid' | 'launcher'> {
  /** All but its name, board, CPU and QMP sockets. */
  readonly settings: readonly string[];
}

export interface Qemu {
  readonly pid: number;
  readonly name: string;
  readonly uuid: string;
  /** Nobody but the agent uses it. */
  readonly qmpSocket: string;
  readonly qmp: QmpClient;
  /** Settles when the process has ended, however it did. */
  readonly exited: Promise<unknown>;
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
}

const START_MS = 10_000;

const firmwareArgs = (path: string): string[] => {
  const unpacked = unpackedRoot(path, PROGRAM);
  if (unpacked === undefined) return [];
  return FIRMWARE.flatMap((folder) => ['-L', join(unpacked, folder)]);
};

/** What a machine of the caller's needs where QEMU was unpacked and not installed. */
export const qemuSurroundings = (path: string) => ({
  args: firmwareArgs(path),
  variables: debianVariables(path, PROGRAM),
});

const tapArgs = (tap: string): readonly (readonly string[])[] => [
  ['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no`],
  ['-device', 'virtio-net-pci,netdev=net0,mac=52:54:00:12:34:56,bootindex=0'],
];

/** Of the small machine whose boot sector is made here. */
const settingsOf = (options: QemuOptions): readonly string[] => {
  const { folder, name, disk = 'virtio-blk-pci', tap } = options;
  const image = join(folder, `${name}.raw`);
  writeFileSync(image, makeBootDisk(options.pace));
  const serial = disk === 'nvme' ? ',serial=root' : '';
  const settings: readonly (readonly string[])[] = [
    ['-accel', 'tcg,thread=multi,tb-size=16'],
    ['-smp', String(options.cpus ?? 2), '-m', String(options.memoryMib ?? 64)],
    ['-drive', `file=${image},format=raw,if=none,id=root,cache=unsafe`],
    ['-device', `${disk},drive=root,bootindex=1${serial}`],
    options.hasBalloon === true ? ['-device', 'virtio-balloon-pci,id=balloon0'] : [],
    ...(tap === undefined ? [] : tapArgs(tap)),
    options.args ?? [],
  ];
  return settings.flat();
};

const commandOf = (options: QemuCommand, sockets: readonly string[]): readonly string[] => {
  const { path, name, uuid, settings, launcher = [] } = options;
  const ofAll: readonly (readonly string[])[] = [
    ['-name', `guest=${name},debug-threads=on`, '-uuid', uuid],
    ['-M', 'q35', '-cpu', 'Nehalem', '-nodefaults', '-no-user-config', '-display', 'none'],
    ...sockets.map((socket) => ['-qmp', `unix:${socket},server=on,wait=off`]),
  ];
  return [...launcher, path, ...firmwareArgs(path), ...ofAll.flat(), ...settings];
};

export const startQemu = async (options: QemuOptions): Promise<Qemu> => {
  const { path, folder, name, uuid, launcher = [] } = options;
  return runQemu({ path, folder, name, uuid, launcher, settings: settingsOf(options) });
};

/** A machine of the caller's. */
export const runQemu = async (options: QemuCommand): Promise<Qemu> => {
  const { folder, name } = options;
  const qmpSocket = join(folder, `${name}.qmp`);
  const ownSocket = join(folder, `${name}.test.qmp`);
  // One that was killed leaves them behind, and the new one is waited for by its socket.
  for (const socket of [qmpSocket, ownSocket]) rmSync(socket, { force: true });
  const [file = '', ...args] = commandOf(options, [qmpSocket, ownSocket]);
  const child = spawn(file, args, {
    env: { ...process.env, ...debianVariables(options.path, PROGRAM) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'close').then(() => process.off('exit', end));
  const kill = async (): Promise<void> => {
    end();
    await exited;
  };
  const { pid } = child;
  try {
    let connected: QmpClient | undefined;
    await waitUntil(
      `${name} answers on its QMP socket`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${name} has ended; it said: ${stderr}`);
        // The file is there a moment before anybody listens.
        connected = await connectQmp(ownSocket).catch(() => undefined);
        return connected !== undefined;
      },
      START_MS,
    );
    if (connected === undefined) throw new Error(`${name} has no QMP`);
    const qmp = connected;
    if (pid === undefined) throw new Error(`cannot start ${file}`);
    return {
      pid,
      name,
      uuid: options.uuid,
      qmpSocket,
      qmp,
      exited,
      signal: (signal) => void child.kill(signal),
      kill: async () => {
        qmp.close();
        await kill();
      },
    };
  } catch (error) {
    await kill();
    throw error;
  }
};
