/** A Debian guest in QEMU, which knows nothing but the seed image that it is given. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Obtained } from '../support/obtained.ts';
import { runQemu, type Qemu } from '../support/qemu.ts';
import type { GuestImage } from './guest-image.ts';
import { openGuestShell, type GuestShell } from './guest-shell.ts';

export interface Guest {
  readonly qemu: Qemu;
  readonly shell: GuestShell;
  /** The host's end of `org.innkeeper.agent.0`. */
  readonly virtioSocket: string;
  readonly startedAt: number;
  /** What it printed on its first serial port. */
  console(): string;
  close(): Promise<void>;
}

export interface GuestOptions {
  readonly qemu: Extract<Obtained, { ok: true }>;
  readonly image: Extract<GuestImage, { ok: true }>;
  readonly folder: string;
  readonly name: string;
  readonly uuid: string;
  readonly tap: string;
  readonly memoryMib: number;
  readonly cpus: number;
  readonly seed: Uint8Array;
}

const COMMAND_LINE = [
  'console=ttyS0 root=/dev/nvme0n1 rw rootfstype=ext4 net.ifnames=0 panic=-1 mitigations=off',
  'quiet loglevel=3 systemd.show_status=0',
].join(' ');

const settingsOf = (options: GuestOptions, sockets: { shell: string; virtio: string }) => {
  const { image, folder, name, tap, memoryMib, cpus } = options;
  const seed = join(folder, `${name}.iso`);
  writeFileSync(seed, options.seed);
  const settings: readonly (readonly string[])[] = [
    ['-accel', 'tcg,thread=multi,tb-size=256', '-smp', String(cpus), '-m', String(memoryMib)],
    ['-kernel', image.kernel, '-append', COMMAND_LINE],
    ['-pidfile', join(folder, `${name}.pid`)],
    ['-serial', `file:${join(folder, `${name}.console`)}`],
    ['-chardev', `socket,id=shell,path=${sockets.shell},server=on,wait=off`],
    ['-serial', 'chardev:shell'],
    ['-drive', `file=${image.disk},format=raw,if=none,id=root,cache=unsafe,snapshot=on`],
    ['-device', 'nvme,serial=root,drive=root'],
    ['-drive', `file=${seed},format=raw,if=none,id=seed,readonly=on`],
    ['-device', 'nvme,serial=seed,drive=seed'],
    ['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no`],
    ['-device', `virtio-net-pci,netdev=net0,romfile=,mac=52:54:00:12:34:56`],
    ['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
    ['-chardev', `socket,id=agent,path=${sockets.virtio},server=on,wait=off`],
    ['-device', 'virtserialport,chardev=agent,name=org.innkeeper.agent.0'],
  ];
  return settings.flat();
};

export const startGuest = async (options: GuestOptions): Promise<Guest> => {
  const { folder, name, uuid } = options;
  const sockets = { shell: join(folder, `${name}.shell`), virtio: join(folder, `${name}.virtio`) };
  const settings = settingsOf(options, sockets);
  const startedAt = performance.now();
  const qemu = await runQemu({ path: options.qemu.path, folder, name, uuid, settings });
  const shell = await openGuestShell(sockets.shell);
  return {
    qemu,
    shell,
    virtioSocket: sockets.virtio,
    startedAt,
    console: () => readFileSync(join(folder, `${name}.console`), 'utf8'),
    close: async () => {
      shell.close();
      await qemu.kill();
    },
  };
};
