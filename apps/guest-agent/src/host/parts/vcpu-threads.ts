/**
 * The vCPUs of a VM are threads of its VMM, known by the names that the VMM gives them. Their time
 * is the guest's own, without the VMM's emulation and I/O.
 *
 * The list of threads is read again when their number has changed, at most every few seconds: QEMU
 * starts and ends workers all the time. A vCPU thread that ends, or is another one under its old id,
 * shows at once.
 */
import { parsePidStat, parsePidTimes, type PidStat } from '@innkeeper/procfs';
import type { MissingPart, VmmKind, VmmProcess } from '@innkeeper/protocol';
import type { Clock, PlatformError } from '../../platform/platform.ts';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import type { Source } from '../../sources/source.ts';
import type { KeptFiles } from '../find/kept-files.ts';
import type { Vmm } from '../find/vmm-table.ts';
import { isGone, missing, missingFrom } from '../missing-part.ts';

export interface VcpuThreads {
  read(stat: PidStat): VmmProcess['vcpus'];
  close(): void;
}

/** `CPU 0/KVM` (QEMU), `fc_vcpu 0` (Firecracker), `vcpu0` (cloud-hypervisor). */
const NAMES: Readonly<Record<VmmKind, RegExp>> = {
  qemu: /^CPU (?<index>\d{1,4})\/\w+$/u,
  firecracker: /^fc_vcpu ?(?<index>\d{1,4})$/u,
  'cloud-hypervisor': /^vcpu(?<index>\d{1,4})$/u,
};

/** QEMU's `-accel tcg,thread=single`: one thread runs all vCPUs in turns. */
const ALL_AT_ONCE = 'ALL CPUs/TCG';
const ALL = -1;

const RELIST_MS = 5_000;
const MAX_THREADS = 8192;
const MAX_VCPUS = 4096;

const NONE_YET: Readonly<Record<VmmKind, MissingPart>> = {
  qemu: missing(
    'absent',
    'no thread is named as a vCPU; before QEMU 11 that takes -name …,debug-threads=on',
  ),
  firecracker: missing('absent', 'no thread is named as a vCPU: the guest has not been started'),
  'cloud-hypervisor': missing(
    'absent',
    'no thread is named as a vCPU: the guest has not been started',
  ),
};

interface Thread {
  readonly tid: string;
  readonly vcpu: number;
  readonly startTicks: number;
  readonly source: Source;
  seconds: number;
  gone: boolean;
}

const toHundredths = (seconds: number): number => Math.round(seconds * 100) / 100;

export const makeVcpuThreads = (
  kernel: KernelFiles,
  kept: KeptFiles,
  clock: Pick<Clock, 'monotonicMs'>,
  { pid, identity }: Pick<Vmm, 'pid' | 'identity'>,
): VcpuThreads => {
  const pattern = NAMES[identity.kind];
  /** How often a thread was listed under another name; a new one has its parent's at first. */
  let others = new Map<string, number>();
  let threads: Thread[] = [];
  let listedAtMs: number | undefined;
  let listedThreads = -1;
  let problem: MissingPart | undefined;
  let retiredSeconds = 0;

  const vcpuOf = (comm: string): number | undefined => {
    if (identity.kind === 'qemu' && comm === ALL_AT_ONCE) return ALL;
    const index = pattern.exec(comm)?.groups?.['index'];
    return index === undefined || Number(index) >= MAX_VCPUS ? undefined : Number(index);
  };

  const identifyThread = (tid: string): Thread | undefined => {
    const path = `${pid}/task/${tid}/stat`;
    const text = kernel.readProc(path, { whole: true });
    const stat = text.ok ? parsePidStat(text.value) : undefined;
    const vcpu = stat?.ok === true ? vcpuOf(stat.value.comm) : undefined;
    if (stat?.ok !== true || vcpu === undefined) return undefined;
    const { startTicks, cpuSeconds } = stat.value;
    return { tid, vcpu, startTicks, source: kept.proc(path), seconds: cpuSeconds, gone: false };
  };

  const list = (count: number): void => {
    listedAtMs = clock.monotonicMs();
    listedThreads = count;
    const tids = kernel.listProc(`${pid}/task`);
    problem = tids.ok ? undefined : missingFrom(tids.error, 'permission to read /proc');
    // Without a list, those that are known are still there as far as anybody can tell.
    if (!tids.ok) return;
    const known = new Map(threads.map((thread) => [thread.tid, thread]));
    const found = new Map<number, Thread>();
    const passed = new Map<string, number>();
    for (const tid of tids.value.slice(0, MAX_THREADS)) {
      const times = others.get(tid) ?? 0;
      const thread = known.get(tid) ?? (times < 2 ? identifyThread(tid) : undefined);
      if (thread !== undefined && !found.has(thread.vcpu)) found.set(thread.vcpu, thread);
      else passed.set(tid, times + 1);
    }
    others = passed;
    const still = new Set(found.values());
    for (const thread of threads) {
      if (still.has(thread)) continue;
      retiredSeconds += thread.seconds;
      thread.source.close();
    }
    threads = [...found.values()].sort((left, right) => left.vcpu - right.vcpu);
  };

  const mustList = (count: number): boolean =>
    listedAtMs === undefined ||
    (count !== listedThreads &&
      (threads.length === 0 || clock.monotonicMs() - listedAtMs >= RELIST_MS));

  /** Undefined for a thread that could be read, or that is gone. */
  const refresh = (thread: Thread): PlatformError | undefined => {
    const text = thread.source.read();
    if (!text.ok && !isGone(text.error)) return text.error;
    const times = text.ok ? parsePidTimes(text.value) : undefined;
    if (times?.ok === true && times.value.startTicks === thread.startTicks) {
      thread.seconds = times.value.cpuSeconds;
    } else {
      thread.gone = true;
    }
    return undefined;
  };

  /** Why a thread could not be read, if one could not: then the sum would be short. */
  const refreshAll = (): PlatformError | undefined => {
    for (let index = 0; index < threads.length; index += 1) {
      const thread = threads[index];
      const error = thread === undefined ? undefined : refresh(thread);
      if (error !== undefined) return error;
    }
    return undefined;
  };

  /** What a vCPU that was unplugged has used stays in the sum, which must not go back. */
  const dropGone = (): boolean => {
    const gone = threads.filter((thread) => thread.gone);
    if (gone.length === 0) return false;
    for (const thread of gone) {
      retiredSeconds += thread.seconds;
      thread.source.close();
    }
    threads = threads.filter((thread) => !thread.gone);
    return true;
  };

  const part = (): VmmProcess['vcpus'] => {
    const [first] = threads;
    if (first === undefined) return problem ?? NONE_YET[identity.kind];
    if (first.vcpu === ALL) {
      const count = identity.vcpuCount ?? 1;
      const vcpus = count === 1 ? [{ vcpu: 0, cpu_seconds_total: first.seconds }] : [];
      return { ok: true, count, cpu_seconds_total: first.seconds, vcpus };
    }
    let sum = retiredSeconds;
    const vcpus: { vcpu: number; cpu_seconds_total: number }[] = [];
    for (let index = 0; index < threads.length; index += 1) {
      const thread = threads[index];
      if (thread === undefined) continue;
      sum += thread.seconds;
      vcpus.push({ vcpu: thread.vcpu, cpu_seconds_total: thread.seconds });
    }
    return { ok: true, count: vcpus.length, cpu_seconds_total: toHundredths(sum), vcpus };
  };

  return {
    read: (stat) => {
      if (mustList(stat.threads)) list(stat.threads);
      let error = refreshAll();
      if (dropGone()) {
        list(stat.threads);
        error ??= refreshAll();
      }
      return error === undefined ? part() : missingFrom(error, 'permission to read /proc');
    },
    close: () => {
      for (const thread of threads) thread.source.close();
      threads = [];
      listedAtMs = undefined;
    },
  };
};
