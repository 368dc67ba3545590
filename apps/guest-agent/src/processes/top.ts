/** The processes at the top of a snapshot, with what only a closer look tells: user and I/O. */
import {
  parsePidIo,
  parsePidStat,
  parsePidStatus,
  type PidIo,
  type PidStat,
} from '@innkeeper/procfs';
import type { ProcessEntry, ProcessOrder } from '@innkeeper/protocol';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { percent } from '../percent.ts';
import type { ProcessSnapshot } from './process-table.ts';

export interface TopFacts {
  readonly kernel: KernelFiles;
  readonly pageSizeBytes: number;
  readonly memoryTotalBytes: number | undefined;
  readonly bootTimeSeconds: number | undefined;
  readonly userNames: ReadonlyMap<number, string>;
}

const MAX_NAME_CHARACTERS = 64;

const readIo = (kernel: KernelFiles, pid: number): PidIo | undefined => {
  const text = kernel.readProc(`${pid}/io`, { whole: true });
  const parsed = text.ok ? parsePidIo(text.value) : undefined;
  return parsed?.ok === true ? parsed.value : undefined;
};

const readUid = (kernel: KernelFiles, pid: number): number | undefined => {
  const text = kernel.readProc(`${pid}/status`, { whole: true });
  const parsed = text.ok ? parsePidStatus(text.value) : undefined;
  return parsed?.ok === true ? parsed.value.uid : undefined;
};

/**
 * Whether the pid still belongs to the process of the snapshot, which may be ten seconds old: of
 * another one neither the user nor the I/O may be shown under this name.
 */
const isStill = (kernel: KernelFiles, { pid, startTicks }: PidStat): boolean => {
  const text = kernel.readProc(`${pid}/stat`, { whole: true });
  const parsed = text.ok ? parsePidStat(text.value) : undefined;
  return parsed?.ok === true && parsed.value.startTicks === startTicks;
};

const byDescending =
  (rank: (process: PidStat) => number) =>
  (left: PidStat, right: PidStat): number =>
    rank(right) - rank(left) || left.pid - right.pid;

/**
 * By CPU means by what it uses now. Before that is known, and for processes that use nothing, what
 * it has used in all decides.
 */
const byCpu =
  (snapshot: ProcessSnapshot) =>
  (left: PidStat, right: PidStat): number =>
    (snapshot.usagePercent(right) ?? 0) - (snapshot.usagePercent(left) ?? 0) ||
    right.cpuSeconds - left.cpuSeconds ||
    left.pid - right.pid;

const ranked = (
  snapshot: ProcessSnapshot,
  order: ProcessOrder,
  ioOf: (pid: number) => PidIo | undefined,
): PidStat[] => {
  const processes = [...snapshot.processes];
  switch (order) {
    case 'cpu':
      return processes.sort(byCpu(snapshot));
    case 'memory':
      return processes.sort(byDescending(({ rssPages }) => rssPages));
    case 'io':
      return processes.sort(
        byDescending(({ pid }) => {
          const io = ioOf(pid);
          return io === undefined ? -1 : io.readBytes + io.writeBytes;
        }),
      );
    default: {
      const never: never = order;
      return never;
    }
  }
};

export const topProcesses = (
  snapshot: ProcessSnapshot,
  order: ProcessOrder,
  count: number,
  facts: TopFacts,
): ProcessEntry[] => {
  const { kernel, pageSizeBytes, memoryTotalBytes, bootTimeSeconds, userNames } = facts;
  // Only an order by I/O needs every process's counters; otherwise those shown are enough.
  const seen = new Map<number, PidIo | undefined>();
  const ioOf = (pid: number): PidIo | undefined => {
    if (!seen.has(pid)) seen.set(pid, readIo(kernel, pid));
    return seen.get(pid);
  };

  const describe = (one: PidStat): ProcessEntry => {
    const usage = snapshot.usagePercent(one);
    const uidNow = readUid(kernel, one.pid);
    const ioNow = ioOf(one.pid);
    // Asked last, so that what has been read is of the same process too.
    const isSame = (uidNow !== undefined || ioNow !== undefined) && isStill(kernel, one);
    const uid = isSame ? uidNow : undefined;
    const io = isSame ? ioNow : undefined;
    const rssBytes = one.rssPages * pageSizeBytes;
    return {
      pid: one.pid,
      ppid: one.ppid,
      user: uid === undefined ? null : (userNames.get(uid)?.slice(0, MAX_NAME_CHARACTERS) ?? null),
      uid: uid ?? null,
      name: one.comm.slice(0, MAX_NAME_CHARACTERS),
      state: one.state,
      threads: one.threads,
      cpu_seconds: one.cpuSeconds,
      cpu_usage_percent: usage === undefined ? null : percent(usage),
      rss_bytes: rssBytes,
      memory_usage_percent:
        memoryTotalBytes === undefined
          ? null
          : percent(Math.min(100, (rssBytes / memoryTotalBytes) * 100)),
      io: io === undefined ? null : { read_bytes: io.readBytes, write_bytes: io.writeBytes },
      started_at:
        bootTimeSeconds === undefined
          ? null
          : Math.round((bootTimeSeconds + one.startSecondsAfterBoot) * 1000),
    };
  };

  return ranked(snapshot, order, ioOf).slice(0, count).map(describe);
};
