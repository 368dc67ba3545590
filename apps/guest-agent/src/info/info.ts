/** The document of `/info`: what this machine is. */
import type { Stat } from '@innkeeper/procfs';
import type { Info } from '@innkeeper/protocol';
import { valueOf } from '../sources/collected.ts';
import type { Collectors } from '../collectors/collectors.ts';
import type { Identity } from '../identity.ts';
import type { Platform } from '../platform/platform.ts';
import { sampleFilesystems } from '../sample/devices.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { readCloudInit } from './cloud-init.ts';
import { describeInterfaces } from './interfaces.ts';
import { readSessions } from './sessions.ts';
import { readVirtualization } from './virtualization.ts';

export interface InfoDependencies {
  readonly identity: Identity;
  readonly managerUrl: string | undefined;
  readonly collectors: Collectors;
  readonly kernel: KernelFiles;
  readonly platform: Pick<Platform, 'files' | 'clock' | 'machine'>;
}

/** What people write into files has no limit of its own, and the answer has one. */
const MAX_NAME_CHARACTERS = 200;

const shortened = (text: string | undefined): string | null =>
  text?.slice(0, MAX_NAME_CHARACTERS) ?? null;

/** The name is that of the first CPU; a machine with a thousand fills more than this. */
const MAX_CPUINFO_BYTES = 256 * 1024;

/** x86 says `model name`; arm64 says nothing, or `Model` for a board. */
const readCpuModel = (kernel: KernelFiles): string | null => {
  const text = kernel.readProc('cpuinfo', { maxBytes: MAX_CPUINFO_BYTES });
  const model = text.ok ? /^(?:model name|Model)\s*:\s*(.{1,200})$/mu.exec(text.value)?.[1] : null;
  return model ?? null;
};

/** A file that lists no CPU by itself does not say that there is none. */
const countCpus = (stat: Stat | undefined): number | null =>
  stat === undefined || stat.cores.length === 0 ? null : stat.cores.length;

const readMachineId = (platform: InfoDependencies['platform']): string | null => {
  const text = platform.files.readText('/etc/machine-id', { maxBytes: 64 });
  return text.ok && text.value.trim() !== '' ? text.value.trim() : null;
};

export const makeInfo = (dependencies: InfoDependencies): (() => Promise<Info>) => {
  const { identity, managerUrl, collectors, kernel, platform } = dependencies;
  const { files, clock, machine } = platform;

  return async () => {
    const uname = valueOf((await collectors.uname.run()).outcome);
    const os = valueOf((await collectors.os.run()).outcome);
    const stat = valueOf((await collectors.cpu.run()).outcome);
    const memory = valueOf((await collectors.meminfo.run()).outcome);
    const netclass = valueOf((await collectors.netclass.run()).outcome);
    const filesystems = sampleFilesystems(valueOf((await collectors.filesystem.run()).outcome));
    const addresses = machine.interfaceAddresses();
    const users = readSessions(files);
    return {
      vm_id: identity.vmId ?? null,
      boot_id: identity.bootId ?? null,
      machine_id: readMachineId(platform),
      taken_at: clock.nowMs(),
      booted_at: stat?.bootTimeSeconds === undefined ? null : stat.bootTimeSeconds * 1000,
      agent: { version: identity.version, manager_url: managerUrl ?? null },
      hostname: uname?.nodename ?? null,
      os: {
        id: shortened(os?.get('ID')),
        name: shortened(os?.get('NAME')),
        version: shortened(os?.get('VERSION_ID')),
        pretty_name: shortened(os?.get('PRETTY_NAME')),
      },
      kernel: { name: uname?.sysname ?? null, release: uname?.release ?? null },
      architecture: machine.architecture,
      timezone: clock.zone().name,
      cpu: { count: countCpus(stat), model: readCpuModel(kernel) },
      memory: {
        total_bytes: memory?.memTotalBytes ?? null,
        swap_bytes: memory?.fields.get('SwapTotal') ?? null,
      },
      virtualization: readVirtualization(kernel),
      cloud_init: readCloudInit(files),
      interfaces: describeInterfaces(netclass, addresses.ok ? addresses.value : undefined),
      filesystems: (filesystems ?? []).map(({ device, mountpoint, fstype, size_bytes }) => ({
        device,
        mountpoint,
        fstype,
        size_bytes,
      })),
      users: users === undefined ? null : [...users],
    };
  };
};
