import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { pidStatText } from '../../testing/make-process.ts';
import { makeCgroups } from './cgroup.ts';

const PID = 100;
const SCOPE = '/machine.slice/machine-qemu\\x2d1\\x2dweb.scope';

const readWith = (
  cgroup: string | undefined,
  texts: Readonly<Record<string, string>>,
  spoil: (files: ReturnType<typeof makeFakeFiles>) => void = () => undefined,
) => {
  const files = makeFakeFiles({
    ...(cgroup !== undefined && { [`/proc/${PID}/cgroup`]: cgroup }),
    '/proc/101/stat': pidStatText({ pid: 101, ppid: PID }),
    '/proc/102/stat': pidStatText({ pid: 102, ppid: 1, comm: ') S 100 (' }),
    ...Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [`/sys/fs/cgroup${name}`, text]),
    ),
  });
  spoil(files);
  const cgroups = makeCgroups(makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' }));
  const place = cgroups.locate(PID);
  return place.ok ? cgroups.read(place) : place;
};

const V2 = { '/cgroup.controllers': 'cpu memory\n' };
const group = (path: string, procs: string): Readonly<Record<string, string>> => ({
  [`${path}/cgroup.procs`]: procs,
  [`${path}/cpu.stat`]: 'usage_usec 1500000\n',
  [`${path}/memory.current`]: '4096\n',
});

describe('makeCgroups', () => {
  it.each([
    ['itself', '100\n'],
    ['itself and its children', '100\n101\n'],
  ])('reads a group that a VMM has for %s', (_, procs) => {
    expect(
      readWith('0::/qemu.slice/100.scope\n', { ...V2, ...group('/qemu.slice/100.scope', procs) }),
    ).toEqual({
      ok: true,
      path: '/qemu.slice/100.scope',
      cpu_seconds_total: 1.5,
      memory_bytes: 4096,
    });
  });

  it.each(['/libvirt/emulator', '/emulator', '/libvirt/vcpu0'])(
    "reads the whole VM's group where libvirt has put QEMU into %s below it",
    (below) => {
      const texts = { ...V2, ...group(SCOPE, '') };
      expect(readWith(`0::${SCOPE}${below}\n`, texts)).toMatchObject({ ok: true, path: SCOPE });
    },
  );

  it('reads both hierarchies of version 1', () => {
    const texts = {
      '/cpuacct/firecracker/1/cgroup.procs': '100\n',
      '/cpuacct/firecracker/1/cpuacct.usage': '2500000000\n',
      '/memory/firecracker/1/cgroup.procs': '100\n',
      '/memory/firecracker/1/memory.usage_in_bytes': '8192\n',
    };
    expect(
      readWith('4:cpu,cpuacct:/firecracker/1\n3:memory:/firecracker/1\n0::/\n', texts),
    ).toMatchObject({
      ok: true,
      path: '/firecracker/1',
      cpu_seconds_total: 2.5,
      memory_bytes: 8192,
    });
  });

  it('reads version 2 beside version 1, for what that has', () => {
    const texts = { ...group('/unified/vm', '100\n'), '/memory/vm/cgroup.procs': '1\n100\n' };
    expect(readWith('3:memory:/vm\n0::/vm\n', texts)).toMatchObject({
      ok: true,
      path: '/vm',
      cpu_seconds_total: 1.5,
      memory_bytes: null,
    });
  });

  it('knows only CPU where the memory controller is off', () => {
    const texts: Record<string, string> = { ...V2, ...group('/vm', '100\n') };
    delete texts['/vm/memory.current'];
    expect(readWith('0::/vm\n', texts)).toMatchObject({
      cpu_seconds_total: 1.5,
      memory_bytes: null,
    });
  });

  it.each([
    ['shared with a stranger', '0::/vm\n', '100\n102\n'],
    ['shared with nobody that can be read', '0::/vm\n', '100\n999\n'],
    ["another process's", '0::/vm\n', '101\n'],
    ['empty', '0::/vm\n', ''],
    ['the root', '0::/\n', '100\n'],
    ["above the agent's own", '0::/../vm\n', '100\n'],
    ['full', '0::/vm\n', Array.from({ length: 65 }, () => '100\n').join('')],
  ])('does not take a group for the VM that is %s', (_, cgroup, procs) => {
    expect(readWith(cgroup, { ...V2, ...group('/vm', procs) })).toMatchObject({
      ok: false,
      reason: 'absent',
    });
  });

  it.each([
    ['that says nothing', { '/vm/cgroup.procs': '100\n' }],
    [
      'whose files are garbage',
      { ...group('/vm', '100\n'), '/vm/cpu.stat': 'x', '/vm/memory.current': 'y' },
    ],
  ])('does not know of a group %s', (_, texts) => {
    expect(readWith('0::/vm\n', { ...V2, ...texts })).toMatchObject({ ok: false });
  });

  it('says why where the group is not told', () => {
    expect(readWith(undefined, V2)).toMatchObject({ reason: 'absent' });
    expect(readWith('garbage\n', V2)).toMatchObject({ reason: 'malformed' });
    expect(
      readWith('0::/vm\n', V2, (files) => files.fail(`/proc/${PID}/cgroup`, 'EACCES')),
    ).toMatchObject({ reason: 'forbidden' });
  });
});
