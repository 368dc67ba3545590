import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeClock } from '../../testing/fake-clock.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import {
  addVmm,
  FIRECRACKER,
  QEMU,
  removeProcess,
  setStat,
  type FakeVmm,
} from '../../testing/fake-hypervisor.ts';
import { makeKeptFiles } from './kept-files.ts';
import { makeVmmTable, type Vmm } from './vmm-table.ts';

const ROOTS = { procRoot: '/proc', sysRoot: '/sys' };

const make = (maxOpen = 100) => {
  const files = makeFakeFiles({ '/proc/stat': '', '/proc/sys/kernel/hostname': 'h\n' });
  const clock = makeFakeClock();
  const kernel = makeKernelFiles(files, ROOTS);
  const table = makeVmmTable(kernel, makeKeptFiles(kernel, maxOpen), clock);
  const add = (vmm: Partial<FakeVmm> & { readonly pid: number }): void =>
    addVmm(files, { exe: QEMU, argv: [QEMU, '-name', `vm-${vmm.pid}`], ...vmm });
  const scan = () => {
    const outcome = table.scan();
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.value;
  };
  const names = (): (string | undefined)[] => scan().vmms.map(({ identity }) => identity.name);
  return { files, clock, table, add, scan, names };
};

const identityOf = ({ pid, startTicks }: Vmm): string => `${pid}:${startTicks}`;

describe('makeVmmTable', () => {
  it('finds VMMs among other processes, in one scan', () => {
    const { add, scan } = make();
    add({ pid: 10 });
    add({ pid: 11, exe: FIRECRACKER, argv: ['firecracker', '--id', 'fc-1'] });
    add({ pid: 12, exe: '/usr/bin/vim', argv: ['vim', 'firecracker.txt'] });
    add({ pid: 13, exe: '/usr/bin/grep', argv: ['grep', 'qemu-system-x86_64'] });
    add({ pid: 14, exe: '/usr/bin/bash', argv: ['qemu-system-x86_64', '-name', 'pretends'] });
    expect(scan().vmms.map(({ pid, identity }) => [pid, identity.kind])).toEqual([
      [10, 'qemu'],
      [11, 'firecracker'],
    ]);
  });

  it('looks at a process once, and then only reads its stat', () => {
    const { files, add, scan, clock } = make();
    add({ pid: 10 });
    add({ pid: 11, exe: '/usr/bin/bash', argv: ['bash'] });
    scan();
    clock.advance(60_000);
    for (let count = 0; count < 20; count += 1) scan();
    expect(files.readCount('/proc/10/cmdline')).toBe(1);
    expect(files.readCount('/proc/11/cmdline')).toBe(0);
    expect(files.readCount('/proc/11/stat')).toBe(0);
    expect(files.readCount('/proc/10/stat')).toBe(22);
  });

  it('says which are gone, once', () => {
    const { files, add, scan } = make();
    add({ pid: 10 });
    add({ pid: 11 });
    scan();
    removeProcess(files, 10);
    expect(scan()).toMatchObject({ vmms: [{ pid: 11 }], gone: [{ pid: 10 }] });
    expect(scan()).toMatchObject({ vmms: [{ pid: 11 }], gone: [] });
  });

  it('takes a pid that is used again for another VM', () => {
    const { files, add, scan } = make();
    add({ pid: 10, stat: { startTicks: 100 } });
    scan();
    removeProcess(files, 10);
    add({ pid: 10, argv: [QEMU, '-name', 'new'], stat: { startTicks: 200 } });
    const { vmms, gone } = scan();
    expect(vmms.map(identityOf)).toEqual(['10:200']);
    expect(vmms[0]?.identity.name).toBe('new');
    expect(gone.map(identityOf)).toEqual(['10:100']);
  });

  it('takes a pid that is used again by something else for no VM', () => {
    const { files, add, scan } = make();
    add({ pid: 10, stat: { startTicks: 100 } });
    scan();
    removeProcess(files, 10);
    add({ pid: 10, exe: '/usr/bin/bash', argv: ['bash'], stat: { startTicks: 200 } });
    expect(scan()).toMatchObject({ vmms: [], gone: [{ pid: 10 }] });
  });

  it('finds a VMM that another program has turned into, as libvirt and the jailer do it', () => {
    const { add, names } = make();
    add({ pid: 10, exe: '/usr/sbin/libvirtd', argv: ['libvirtd'] });
    expect(names()).toEqual([]);
    add({ pid: 10 });
    expect(names()).toEqual(['vm-10']);
  });

  it('finds even an old process that turns into a VMM, within 16 scans', () => {
    const { add, names, clock } = make();
    add({ pid: 10, exe: '/usr/bin/bash', argv: ['bash'] });
    names();
    clock.advance(60_000);
    names();
    add({ pid: 10 });
    let scans = 1;
    while (names().length === 0) scans += 1;
    expect(scans).toBeLessThanOrEqual(16);
  });

  it('forgets what it knows of others when it was not asked for long', () => {
    const { add, names, clock } = make();
    add({ pid: 10, exe: '/usr/bin/bash', argv: ['bash'] });
    names();
    clock.advance(60_000);
    names();
    add({ pid: 10 });
    clock.advance(60_001);
    expect(names()).toEqual(['vm-10']);
  });

  it('waits for a command line that is not there yet', () => {
    const { add, names } = make();
    add({ pid: 10, argv: [] });
    expect(names()).toEqual([]);
    add({ pid: 10 });
    expect(names()).toEqual(['vm-10']);
  });

  it.each(['exe', 'cmdline', 'stat'])('copes with a process that ends before its %s', (name) => {
    const { files, add, names } = make();
    add({ pid: 10 });
    add({ pid: 11 });
    files.fail(`/proc/10/${name}`, name === 'exe' ? 'ENOENT' : 'ESRCH');
    expect(names()).toEqual(['vm-11']);
  });

  it('keeps a VMM that cannot be read for want of descriptors, and says why', () => {
    const { files, add, scan } = make();
    add({ pid: 10 });
    scan();
    files.fail('/proc/10/stat', 'EMFILE');
    expect(scan().vmms).toMatchObject([{ pid: 10, problem: { code: 'EMFILE' } }]);
    setStat(files, 10, { cpuSeconds: 7 });
    expect(scan().vmms).toMatchObject([{ problem: undefined, stat: { cpuSeconds: 7 } }]);
    files.set('/proc/10/stat', 'garbage');
    expect(scan().vmms).toMatchObject([{ problem: { code: 'EINVAL' } }]);
  });

  it('keeps a VMM that has ended and waits for its parent', () => {
    const { files, add, scan } = make();
    add({ pid: 10 });
    scan();
    files.set('/proc/10/cmdline', '');
    setStat(files, 10, { state: 'Z' });
    expect(scan().vmms).toMatchObject([{ pid: 10, stat: { state: 'Z' } }]);
    setStat(files, 10, { state: 'X' });
    expect(scan()).toMatchObject({ vmms: [], gone: [{ pid: 10 }] });
  });

  it.each([
    ['a process of QEMU that frees its memory', { stat: { comm: 'cleanup/10' } }],
    ['a VMM that has ended before it was seen', { stat: { state: 'Z' } }],
    ['a QEMU that only says what it can do', { argv: [QEMU, '-machine', 'none'] }],
    ['containerd for Firecracker', { exe: '/bin/firecracker-containerd', argv: ['x', '--config'] }],
  ])('does not list %s', (_, change) => {
    const { add, names } = make();
    add({ pid: 10, ...change });
    expect(names()).toEqual([]);
  });

  it.each([
    [10, 11],
    [11, 10],
  ])('lists a QEMU with the pid %i once while it becomes the daemon %i', (parent, child) => {
    const { files, add, scan } = make();
    const argv = [QEMU, '-name', 'one', '-daemonize'];
    add({ pid: parent, argv });
    add({ pid: child, argv, stat: { ppid: parent } });
    expect(scan().vmms.map(({ pid }) => pid)).toEqual([parent]);
    removeProcess(files, parent);
    setStat(files, child, { comm: 'qemu-system-x86', ppid: 1 });
    expect(scan().vmms.map(({ pid }) => pid)).toEqual([child]);
  });

  describe('where the executables may not be seen', () => {
    it.each([
      ['whose name agrees', { argv: ['/usr/bin/qemu-system-x86_64', '-name', 'x'] }, ['x']],
      [
        'that was told to take another name',
        { argv: [QEMU, '-name', 'x,process=web'], stat: { comm: 'web' } },
        ['x'],
      ],
      ['that is only called so', { argv: [QEMU, '-name', 'x'], stat: { comm: 'python3' } }, []],
      ['that edits a file', { argv: ['vim', QEMU], stat: { comm: 'vim' } }, []],
      ['without arguments', { argv: [] }, []],
    ])('takes a process %s as that', (_, change, expected) => {
      const { files, add, names } = make();
      add({ pid: 10, ...change });
      files.fail('/proc/10/exe', 'EACCES');
      expect(names()).toEqual(expected);
    });
  });

  it('says why where /proc cannot be listed', () => {
    const { files, table } = make();
    files.fail('/proc/', 'EACCES');
    expect(table.scan()).toMatchObject({ ok: false, error: { code: 'EACCES' } });
  });

  it('keeps no more files open than it may, and none in the end', () => {
    const { files, table, add, scan } = make(3);
    for (let pid = 10; pid < 20; pid += 1) add({ pid });
    expect(scan().vmms).toHaveLength(10);
    expect(scan().vmms).toHaveLength(10);
    expect(files.openCount()).toBe(3);
    for (let pid = 10; pid < 15; pid += 1) removeProcess(files, pid);
    scan();
    expect(files.openCount()).toBeLessThanOrEqual(3);
    table.close();
    expect(files.openCount()).toBe(0);
  });

  it('lists just the VMMs that there are, whatever comes, goes and is used again', () => {
    const change = fc.record({
      pid: fc.integer({ min: 10, max: 16 }),
      what: fc.constantFrom('vmm', 'other', 'nothing'),
      waitMs: fc.constantFrom(0, 1000, 30_000),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        const { files, clock, add, scan, table } = make();
        const alive = new Map<number, string>();
        const listed = new Set<string>();
        const check = (): void => {
          const { vmms, gone } = scan();
          expect(vmms.map(identityOf).toSorted()).toEqual([...alive.values()].toSorted());
          for (const vmm of gone) expect(listed.delete(identityOf(vmm))).toBe(true);
          for (const vmm of vmms) listed.add(identityOf(vmm));
          expect(listed.size).toBe(vmms.length);
        };
        for (const [index, { pid, what, waitMs }] of changes.entries()) {
          removeProcess(files, pid);
          // The pid of another process comes round after thousands of pids, not between two scans.
          if (!alive.delete(pid)) check();
          const stat = { startTicks: 1000 + index };
          if (what === 'vmm') {
            add({ pid, stat });
            alive.set(pid, `${pid}:${stat.startTicks}`);
          } else if (what === 'other') {
            add({ pid, exe: '/usr/bin/bash', argv: ['bash'], stat });
          }
          clock.advance(waitMs);
          check();
        }
        table.close();
        expect(files.openCount()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
