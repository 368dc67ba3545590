/**
 * The disk of a guest with the kernel's Debian, busybox and two agents. Not an initramfs: what lies
 * in there is memory that the kernel cannot take back, and a program whose pages it takes and reads
 * again is the point.
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NATIVE } from '../agent-process.ts';
import { obtainBusybox } from '../busybox-root.ts';
import { debianFiles } from '../debian-package.ts';
import { obtainNodeExporter } from '../node-exporter.ts';
import { obtainQemu } from '../qemu.ts';
import { runCommand } from '../../../scripts/run-command.ts';

export interface GuestParts {
  readonly qemu: string;
  readonly busybox: string;
  readonly agent: string;
  readonly exporter: string;
  readonly exporterVersion: string;
  /** What was unpacked of Debian's kernel. */
  readonly kernel: string;
}

export type ObtainedParts =
  | { readonly ok: true; readonly parts: GuestParts }
  | { readonly ok: false; readonly reason: string };

export const obtainGuestParts = async (): Promise<ObtainedParts> => {
  if (process.arch !== 'x64') return { ok: false, reason: 'the guest is built for x86_64 only' };
  const [qemu, busybox, exporter, kernel] = await Promise.all([
    obtainQemu(),
    obtainBusybox(),
    obtainNodeExporter(),
    debianFiles('linux-image-cloud-amd64'),
  ]);
  for (const part of [NATIVE, qemu, busybox, exporter, kernel]) {
    if (!part.ok) return { ok: false, reason: `${part.reason}. To have it: ${part.install}` };
  }
  if (!NATIVE.ok || !qemu.ok || !busybox.ok || !exporter.ok || !kernel.ok) {
    return { ok: false, reason: 'a part is missing' };
  }
  const parts = {
    qemu: qemu.path,
    busybox: busybox.path,
    agent: NATIVE.path,
    exporter: exporter.path,
    exporterVersion: exporter.version,
    kernel: kernel.path,
  };
  return { ok: true, parts };
};

const COMMAND_MS = 60_000;
/** Twice and more of the guest's memory; sparse, so that it takes no room here. */
const LARGE_BYTES = 300 * 1024 * 1024;

const MODULES: readonly string[] = [
  'drivers/virtio/virtio.ko',
  'drivers/virtio/virtio_ring.ko',
  'drivers/virtio/virtio_pci.ko',
  'drivers/virtio/virtio_pci_modern_dev.ko',
  'drivers/virtio/virtio_pci_legacy_dev.ko',
  'drivers/net/net_failover.ko',
  'drivers/net/virtio_net.ko',
  'net/core/failover.ko',
];

const run = async (file: string, args: readonly string[]): Promise<string> => {
  const { ok, output } = await runCommand(file, args, { timeoutMs: COMMAND_MS });
  if (!ok) throw new Error(`${file}: ${output.trim()}`);
  return output;
};

const put = (root: string, name: string, from: string): void => {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(from, path);
  chmodSync(path, 0o755);
};

export interface GuestDisk {
  readonly kernel: string;
  readonly image: string;
}

export const makeGuestDisk = async (parts: GuestParts, folder: string): Promise<GuestDisk> => {
  const root = join(folder, 'root');
  for (const name of ['dev', 'proc', 'sys', 'tmp', 'etc', 'modules']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  const boot = join(parts.kernel, 'boot');
  const kernel = readdirSync(boot).find((name) => name.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error(`there is no kernel in ${boot}`);
  const modules = join(parts.kernel, 'lib/modules', kernel.replace('vmlinuz-', ''), 'kernel');
  for (const name of MODULES) put(root, join('modules', basename(name)), join(modules, name));
  put(root, 'init', join(import.meta.dirname, 'init.sh'));
  put(root, 'bin/busybox', parts.busybox);
  put(root, 'bin/guest-agent', parts.agent);
  put(root, 'bin/node_exporter', parts.exporter);
  // Debian's is linked with the C library; one of its authors is not, and ldd then fails.
  const libraries = await runCommand('ldd', [parts.exporter], { timeoutMs: COMMAND_MS });
  for (const [path] of libraries.ok ? libraries.output.matchAll(/\/[^ )]+/gu) : []) {
    put(root, path, path);
  }
  writeFileSync(join(root, 'etc/agent.json'), '{}');
  writeFileSync(join(root, 'large'), '');
  truncateSync(join(root, 'large'), LARGE_BYTES);
  const image = join(folder, 'disk.img');
  await run('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', root, image, '400M']);
  return { kernel: join(boot, kernel), image };
};
