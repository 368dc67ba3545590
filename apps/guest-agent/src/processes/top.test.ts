import { describe, expect, it } from 'vitest';
import type { PidStat } from '@innkeeper/procfs';
import { processEntrySchema, type ProcessOrder } from '@innkeeper/protocol';
import { makeKernelFiles } from '../sources/kernel-files.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { makeProcess, pidStatText } from '../testing/make-process.ts';
import type { ProcessSnapshot } from './process-table.ts';
import { topProcesses, type TopFacts } from './top.ts';

const snapshotOf = (
  processes: readonly PidStat[],
  usage: Readonly<Record<number, number>> = {},
): ProcessSnapshot => ({
  takenAtMs: 0,
  processes,
  byState: new Map(),
  threads: processes.length,
  windowSeconds: 1,
  usagePercent: ({ pid }) => usage[pid],
});

const statusOf = (uid: number): string => `Name:\tx\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`;
const ioOf = (read: number, written: number): string =>
  `rchar: 1\nwchar: 1\nread_bytes: ${read}\nwrite_bytes: ${written}\n`;

const factsOf = (
  files: ReturnType<typeof makeFakeFiles> = makeFakeFiles(),
  change: Partial<TopFacts> = {},
): TopFacts => ({
  kernel: makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' }),
  pageSizeBytes: 4096,
  memoryTotalBytes: 4096 * 1000,
  bootTimeSeconds: 1_760_000_000,
  userNames: new Map([[0, 'root']]),
  ...change,
});

const pids = (
  snapshot: ProcessSnapshot,
  order: ProcessOrder,
  facts: TopFacts = factsOf(),
  count = 10,
): readonly number[] => topProcesses(snapshot, order, count, facts).map(({ pid }) => pid);

describe('topProcesses', () => {
  it('describes a process in full', () => {
    const files = makeFakeFiles({
      '/proc/7/stat': pidStatText({ pid: 7 }),
      '/proc/7/status': statusOf(0),
      '/proc/7/io': ioOf(4096, 8192),
    });
    const one = makeProcess({
      pid: 7,
      ppid: 3,
      comm: 'nginx',
      state: 'R',
      threads: 4,
      cpuSeconds: 1.5,
    });
    const [entry] = topProcesses(snapshotOf([one], { 7: 12.5 }), 'cpu', 1, factsOf(files));
    expect(entry).toEqual({
      pid: 7,
      ppid: 3,
      user: 'root',
      uid: 0,
      name: 'nginx',
      state: 'R',
      threads: 4,
      cpu_seconds: 1.5,
      cpu_usage_percent: 12.5,
      rss_bytes: 409_600,
      memory_usage_percent: 10,
      io: { read_bytes: 4096, write_bytes: 8192 },
      started_at: 1_760_000_050_000,
    });
    expect(processEntrySchema.parse(entry)).toEqual(entry);
  });

  it('says null for what it does not know, and never 0', () => {
    const facts = factsOf(makeFakeFiles(), {
      memoryTotalBytes: undefined,
      bootTimeSeconds: undefined,
    });
    const [entry] = topProcesses(snapshotOf([makeProcess()]), 'cpu', 1, facts);
    expect(entry).toMatchObject({
      user: null,
      uid: null,
      cpu_usage_percent: null,
      memory_usage_percent: null,
      io: null,
      started_at: null,
    });
    expect(processEntrySchema.parse(entry)).toEqual(entry);
  });

  it('shows a user id that has no name', () => {
    const files = makeFakeFiles({
      '/proc/7/stat': pidStatText({ pid: 7 }),
      '/proc/7/status': statusOf(1234),
    });
    const [entry] = topProcesses(snapshotOf([makeProcess({ pid: 7 })]), 'cpu', 1, factsOf(files));
    expect(entry).toMatchObject({ user: null, uid: 1234 });
  });

  it.each([
    ['belongs to another process by now', pidStatText({ pid: 7, startTicks: 9000 })],
    ['ended while it was looked at', ''],
  ])('shows no user and no I/O under the name of one whose pid %s', (_, stat) => {
    const files = makeFakeFiles({
      '/proc/7/stat': stat,
      '/proc/7/status': statusOf(0),
      '/proc/7/io': ioOf(1, 1),
    });
    const one = makeProcess({ pid: 7, comm: 'nginx', startTicks: 5000 });
    const [entry] = topProcesses(snapshotOf([one]), 'cpu', 1, factsOf(files));
    expect(entry).toMatchObject({ name: 'nginx', user: null, uid: null, io: null });
  });

  it('says null for I/O that it may not see', () => {
    const files = makeFakeFiles({ '/proc/7/io': ioOf(1, 1) });
    files.fail('/proc/7/io', 'EACCES');
    const [entry] = topProcesses(snapshotOf([makeProcess({ pid: 7 })]), 'cpu', 1, factsOf(files));
    expect(entry?.io).toBeNull();
  });

  it('orders by what is used now, then by what was used in all, then by pid', () => {
    const processes = [
      makeProcess({ pid: 1, cpuSeconds: 500 }),
      makeProcess({ pid: 5, cpuSeconds: 1 }),
      makeProcess({ pid: 4, cpuSeconds: 1 }),
      makeProcess({ pid: 3, cpuSeconds: 2 }),
      makeProcess({ pid: 2, cpuSeconds: 9 }),
    ];
    expect(pids(snapshotOf(processes, { 3: 90, 4: 10, 5: 10, 1: 0 }), 'cpu')).toEqual([
      3, 4, 5, 1, 2,
    ]);
    expect(pids(snapshotOf(processes), 'cpu')).toEqual([1, 2, 3, 4, 5]);
  });

  it('orders by memory, then by pid', () => {
    const processes = [
      makeProcess({ pid: 3, rssPages: 5 }),
      makeProcess({ pid: 1, rssPages: 5 }),
      makeProcess({ pid: 2, rssPages: 50 }),
      makeProcess({ pid: 4, rssPages: 0 }),
    ];
    expect(pids(snapshotOf(processes), 'memory')).toEqual([2, 1, 3, 4]);
  });

  it('orders by I/O, with those last whose I/O it may not see', () => {
    const files = makeFakeFiles({
      '/proc/1/io': ioOf(0, 0),
      '/proc/2/io': ioOf(10, 0),
      '/proc/3/io': ioOf(4, 7),
      '/proc/5/io': ioOf(0, 10),
    });
    files.fail('/proc/4/io', 'EACCES');
    const processes = [5, 4, 3, 2, 1].map((pid) => makeProcess({ pid }));
    expect(pids(snapshotOf(processes), 'io', factsOf(files))).toEqual([3, 2, 5, 1, 4]);
  });

  it('leaves the snapshot in its order', () => {
    const processes = [makeProcess({ pid: 2 }), makeProcess({ pid: 1 })];
    pids(snapshotOf(processes), 'memory');
    expect(processes.map(({ pid }) => pid)).toEqual([2, 1]);
  });

  it('looks closer only at those it shows', () => {
    const files = makeFakeFiles();
    for (let pid = 1; pid <= 50; pid += 1) {
      files.set(`/proc/${pid}/io`, ioOf(pid, 0));
      files.set(`/proc/${pid}/status`, statusOf(0));
    }
    const processes = Array.from({ length: 50 }, (_, index) =>
      makeProcess({ pid: index + 1, cpuSeconds: index }),
    );
    expect(pids(snapshotOf(processes), 'cpu', factsOf(files), 3)).toEqual([50, 49, 48]);
    expect(files.readCount('/proc/50/io')).toBe(1);
    expect(files.readCount('/proc/47/io')).toBe(0);
    expect(files.readCount('/proc/47/status')).toBe(0);
  });

  it('never says more than all of the memory', () => {
    const [entry] = topProcesses(
      snapshotOf([makeProcess({ rssPages: 5000 })]),
      'cpu',
      1,
      factsOf(),
    );
    expect(entry?.memory_usage_percent).toBe(100);
  });

  it('gives all where more are asked for than there are', () => {
    expect(pids(snapshotOf([makeProcess()]), 'cpu', factsOf(), 1000)).toEqual([100]);
    expect(pids(snapshotOf([]), 'io', factsOf())).toEqual([]);
  });
});
