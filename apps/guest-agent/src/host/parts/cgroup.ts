/**
 * CPU and memory of the control group that a VM has for itself. libvirt, Proxmox VE, the jailer and
 * systemd units make one; a VMM started from a shell shares its session's, whose numbers would be
 * the session's and not the VM's, so that counts as none.
 */
import {
  parseCgroupCpuStat,
  parsePidCgroup,
  parsePidStat,
  parseSingleNumber,
} from '@innkeeper/procfs';
import type { MissingPart, VmmProcess } from '@innkeeper/protocol';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import { missing, missingFrom } from '../missing-part.ts';
import { isPlainPath } from '../paths/path-components.ts';

export interface CgroupPlace {
  readonly ok: true;
  readonly path: string;
  /** Below /sys. */
  readonly cpuFile: { readonly path: string; readonly version: 1 | 2 } | undefined;
  readonly memoryFile: string | undefined;
}

/** More than a VMM and its helpers (virtiofsd, swtpm, passt) is a group of several things. */
const MAX_MEMBERS = 64;
const MAX_MEMBERS_BYTES = 1024;
const NANOSECONDS = 1_000_000_000;
const PERMISSION = 'permission to read the control group';

interface Group {
  readonly folder: string;
  readonly path: string;
  readonly version: 1 | 2;
}

/** libvirt puts QEMU's threads into groups below the VM's own. */
const vmPath = (path: string): { readonly path: string; readonly isLibvirt: boolean } => {
  const trimmed = path.replace(/(?:\/libvirt)?\/(?:emulator|vcpu\d+|iothread\d+)$/u, '');
  return { path: trimmed, isLibvirt: trimmed !== path && trimmed !== '' };
};

const parentOf = (kernel: KernelFiles, pid: string): string | undefined => {
  const text = kernel.readProc(`${pid}/stat`, { whole: true });
  const stat = text.ok ? parsePidStat(text.value) : undefined;
  return stat?.ok === true ? String(stat.value.ppid) : undefined;
};

/** Undefined where there are too many, or none may be seen. */
const readMembers = (kernel: KernelFiles, folder: string): readonly string[] | undefined => {
  const text = kernel.readSys(`${folder}/cgroup.procs`, { maxBytes: MAX_MEMBERS_BYTES });
  const members = text.ok ? text.value.trim().split('\n') : [];
  return members.length > MAX_MEMBERS ? undefined : members;
};

export const makeCgroups = (kernel: KernelFiles) => {
  const isUnified = kernel.readSys('fs/cgroup/cgroup.controllers').ok;
  const unifiedRoot = isUnified ? 'fs/cgroup' : 'fs/cgroup/unified';

  /** VMMs that share a group share its list, which may be a long one. */
  const membersOf = new Map<string, readonly string[] | undefined>();

  /** Only the VMM and its children are in it. */
  const hasForItself = (folder: string, pid: number): boolean => {
    if (!membersOf.has(folder)) membersOf.set(folder, readMembers(kernel, folder));
    const members = membersOf.get(folder) ?? [];
    const own = String(pid);
    return (
      members.includes(own) &&
      members.every((member) => member === own || parentOf(kernel, member) === own)
    );
  };

  const groupOf = (path: string | undefined, version: 1 | 2, root: string, pid: number) => {
    if (path === undefined || path === '/' || !isPlainPath(path)) return undefined;
    const { path: own, isLibvirt } = vmPath(path);
    const folder = `${root}${own}`;
    const group: Group = { folder, path: own, version };
    return isLibvirt || hasForItself(folder, pid) ? group : undefined;
  };

  const locate = (pid: number): CgroupPlace | MissingPart => {
    const text = kernel.readProc(`${pid}/cgroup`, { whole: true });
    if (!text.ok) return missingFrom(text.error, PERMISSION);
    const groups = parsePidCgroup(text.value);
    if (!groups.ok) return missing('malformed', groups.error.detail);
    const { unified, controllers } = groups.value;
    const find = (controller: string): Group | undefined => {
      const path = controllers.get(controller);
      return path === undefined
        ? groupOf(unified, 2, unifiedRoot, pid)
        : groupOf(path, 1, `fs/cgroup/${controller}`, pid);
    };
    const cpu = find('cpuacct');
    const memory = find('memory');
    const path = cpu?.path ?? memory?.path;
    if (path === undefined) {
      return missing('absent', 'the VMM has no control group for itself alone');
    }
    const cpuFile = cpu?.version === 1 ? 'cpuacct.usage' : 'cpu.stat';
    const memoryFile = memory?.version === 1 ? 'memory.usage_in_bytes' : 'memory.current';
    return {
      ok: true,
      path,
      cpuFile: cpu && { path: `${cpu.folder}/${cpuFile}`, version: cpu.version },
      memoryFile: memory && `${memory.folder}/${memoryFile}`,
    };
  };

  const readCpuSeconds = ({ cpuFile }: CgroupPlace): number | null => {
    if (cpuFile === undefined) return null;
    const text = kernel.readSys(cpuFile.path, { whole: true });
    if (!text.ok) return null;
    if (cpuFile.version === 1) {
      const usage = parseSingleNumber(text.value, 'cpuacct.usage');
      return usage.ok ? usage.value / NANOSECONDS : null;
    }
    const stat = parseCgroupCpuStat(text.value);
    return stat.ok ? stat.value.usageSeconds : null;
  };

  const readMemoryBytes = ({ memoryFile }: CgroupPlace): number | null => {
    const text = memoryFile === undefined ? undefined : kernel.readSys(memoryFile, { whole: true });
    const bytes = text?.ok === true ? parseSingleNumber(text.value, 'memory.current') : undefined;
    return bytes?.ok === true ? bytes.value : null;
  };

  return {
    /** What was read in an earlier call is forgotten. */
    startCall: () => membersOf.clear(),
    /** Where the VM's group is; processes are moved, so this is asked again now and then. */
    locate,
    read: (place: CgroupPlace): VmmProcess['cgroup'] => {
      const cpuSeconds = readCpuSeconds(place);
      const memoryBytes = readMemoryBytes(place);
      if (cpuSeconds === null && memoryBytes === null) {
        return missing('absent', `${place.path.slice(0, 200)} tells neither CPU nor memory`);
      }
      const { path } = place;
      return { ok: true, path, cpu_seconds_total: cpuSeconds, memory_bytes: memoryBytes };
    },
  };
};

export type Cgroups = ReturnType<typeof makeCgroups>;
