import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeClock } from '../../testing/fake-clock.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { setThreads, type FakeThread } from '../../testing/fake-hypervisor.ts';
import { makeProcess } from '../../testing/make-process.ts';
import { makeKeptFiles } from '../find/kept-files.ts';
import { unidentified, type VmmIdentity } from '../identify/vmm-identity.ts';
import { makeVcpuThreads } from './vcpu-threads.ts';

const PID = 100;

const QEMU_THREADS: readonly FakeThread[] = [
  { tid: 100, comm: 'qemu-system-x86', cpuSeconds: 9 },
  { tid: 101, comm: 'call_rcu', cpuSeconds: 1 },
  { tid: 103, comm: 'CPU 1/KVM', cpuSeconds: 0.2 },
  { tid: 102, comm: 'CPU 0/KVM', cpuSeconds: 0.1 },
];

const make = (
  threads: readonly FakeThread[],
  kind: VmmIdentity['kind'] = 'qemu',
  vcpuCount?: number,
) => {
  const files = makeFakeFiles();
  const clock = makeFakeClock();
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  setThreads(files, PID, threads);
  const identity = { ...unidentified(kind), vcpuCount };
  const vcpus = makeVcpuThreads(kernel, makeKeptFiles(kernel, 100), clock, { pid: PID, identity });
  const read = (count: number) => vcpus.read(makeProcess({ pid: PID, threads: count }));
  return { files, clock, vcpus, read };
};

describe('makeVcpuThreads', () => {
  it.each([
    ['qemu' as const, QEMU_THREADS],
    [
      'qemu' as const,
      [
        { tid: 7, comm: 'CPU 0/TCG', cpuSeconds: 0.1 },
        { tid: 8, comm: 'CPU 1/TCG', cpuSeconds: 0.2 },
      ],
    ],
    [
      'firecracker' as const,
      [
        { tid: 7, comm: 'fc_vcpu 0', cpuSeconds: 0.1 },
        { tid: 8, comm: 'fc_vcpu 1', cpuSeconds: 0.2 },
        { tid: 9, comm: 'fc_api', cpuSeconds: 5 },
      ],
    ],
    [
      'cloud-hypervisor' as const,
      [
        { tid: 7, comm: 'vcpu0', cpuSeconds: 0.1 },
        { tid: 8, comm: 'vcpu1', cpuSeconds: 0.2 },
        { tid: 9, comm: 'vmm', cpuSeconds: 5 },
      ],
    ],
  ])('knows the vCPUs of %s by name', (kind, threads) => {
    expect(make(threads, kind).read(threads.length)).toEqual({
      ok: true,
      count: 2,
      cpu_seconds_total: 0.3,
      vcpus: [
        { vcpu: 0, cpu_seconds_total: 0.1 },
        { vcpu: 1, cpu_seconds_total: 0.2 },
      ],
    });
  });

  it.each([
    ['CPU 0/KVM', 'firecracker' as const],
    ['fc_vcpu 0', 'qemu' as const],
    ['CPU x/KVM', 'qemu' as const],
    ['CPU 0', 'qemu' as const],
    ['xCPU 0/KVM', 'qemu' as const],
    ['CPU 9999/KVM', 'qemu' as const],
    ['vcpu', 'cloud-hypervisor' as const],
  ])('does not take %s for a vCPU of %s', (comm, kind) => {
    expect(make([{ tid: 7, comm }], kind).read(1)).toMatchObject({ ok: false, reason: 'absent' });
  });

  it('says what QEMU needs to name its threads', () => {
    const part = make([{ tid: 100, comm: 'qemu-system-x86' }]).read(1);
    expect(JSON.stringify(part)).toContain('debug-threads=on');
  });

  it.each([
    [4, { count: 4, vcpus: [] }],
    [undefined, { count: 1, vcpus: [{ vcpu: 0, cpu_seconds_total: 3 }] }],
  ])('counts %s vCPUs that one thread runs in turns', (vcpuCount, expected) => {
    const { read } = make([{ tid: 7, comm: 'ALL CPUs/TCG', cpuSeconds: 3 }], 'qemu', vcpuCount);
    expect(read(1)).toMatchObject({ ok: true, cpu_seconds_total: 3, ...expected });
  });

  it('lists the threads once while their number stays', () => {
    const { files, clock, read } = make(QEMU_THREADS);
    for (let count = 0; count < 10; count += 1) {
      read(4);
      clock.advance(10_000);
    }
    expect(files.readCount('/proc/100/task/101/stat')).toBe(1);
  });

  it('sees a vCPU that is plugged in, within seconds', () => {
    const { files, clock, read } = make(QEMU_THREADS);
    read(4);
    setThreads(files, PID, [{ tid: 110, comm: 'CPU 2/KVM', cpuSeconds: 1 }]);
    clock.advance(5_000);
    expect(read(5)).toMatchObject({ count: 3, cpu_seconds_total: 1.3 });
  });

  it('looks twice at a thread that still has the name of its parent', () => {
    const { files, clock, read } = make(QEMU_THREADS);
    read(4);
    setThreads(files, PID, [{ tid: 110, comm: 'qemu-system-x86' }]);
    clock.advance(5_000);
    expect(read(5)).toMatchObject({ count: 2 });
    setThreads(files, PID, [{ tid: 110, comm: 'CPU 2/KVM' }]);
    clock.advance(5_000);
    expect(read(6)).toMatchObject({ count: 3 });
  });

  it('does not read the same workers over and over', () => {
    const { files, clock, read } = make(QEMU_THREADS);
    for (let count = 4; count < 40; count += 1) {
      read(count);
      clock.advance(5_000);
    }
    expect(files.readCount('/proc/100/task/101/stat')).toBe(2);
  });

  it('sees at once that a vCPU is gone, whose time stays in the sum: a counter never goes back', () => {
    const { files, read } = make(QEMU_THREADS);
    read(4);
    files.unplug('/proc/100/task/103/stat');
    expect(read(3)).toMatchObject({ count: 1, cpu_seconds_total: 0.3 });
    files.unplug('/proc/100/task/102/stat');
    expect(read(2)).toMatchObject({ ok: false, reason: 'absent' });
  });

  it('does not take a thread for the vCPU whose id it has got', () => {
    const { files, read } = make(QEMU_THREADS);
    read(4);
    setThreads(files, PID, [{ tid: 103, comm: 'worker', cpuSeconds: 77, startTicks: 9999 }]);
    expect(read(4)).toMatchObject({ count: 1, cpu_seconds_total: 0.3 });
  });

  it('says that it could not read a vCPU, rather than leave its time out of the sum', () => {
    const { files, read } = make(QEMU_THREADS);
    read(4);
    files.fail('/proc/100/task/103/stat', 'EMFILE');
    expect(read(4)).toMatchObject({ ok: false, reason: 'unreachable' });
    setThreads(files, PID, QEMU_THREADS);
    expect(read(4)).toMatchObject({ count: 2, cpu_seconds_total: 0.3 });
  });

  it('counts two threads that claim to be the same vCPU once', () => {
    const twice = [...QEMU_THREADS, { tid: 120, comm: 'CPU 0/KVM', cpuSeconds: 5 }];
    expect(make(twice).read(5)).toMatchObject({ count: 2 });
  });

  it('says why where the threads cannot be listed', () => {
    const { files, read } = make([]);
    files.fail('/proc/100/task', 'EACCES');
    expect(read(1)).toMatchObject({ ok: false, reason: 'forbidden' });
  });

  it('leaves nothing open', () => {
    const { files, vcpus, read } = make(QEMU_THREADS);
    read(4);
    expect(files.openCount()).toBe(2);
    vcpus.close();
    vcpus.close();
    expect(files.openCount()).toBe(0);
  });
});
