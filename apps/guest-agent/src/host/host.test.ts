/** The role host as a whole, on a hypervisor that is all in memory. */
import {
  processStatsSchema,
  type Locator,
  type ProcessStats,
  type VmmProcess,
} from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../sources/kernel-files.ts';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import {
  addVmm,
  FIRECRACKER,
  netDevText,
  QEMU,
  removeProcess,
  setStat,
} from '../testing/fake-hypervisor.ts';
import { makeFakeNetwork } from '../testing/fake-network.ts';
import { settled } from '../testing/settled.ts';
import { smallVm } from '../testing/small-vm.ts';
import { nodeText } from '../platform/node/text.ts';
import { makeHost } from './host.ts';
import type { QmpReader } from './sources/vm-sources.ts';

const METRICS = { ok: false, reason: 'pending', message: 'fake metrics' } as const;
const QMP: VmmProcess['qmp'] = {
  ok: true,
  status: 'running',
  running: true,
  block: [],
  balloon_bytes: null,
};

const UUID = '11111111-2222-3333-4444-555555555555';

const QEMU_ARGV = [
  `${QEMU} -name guest=web,debug-threads=on -uuid ${UUID} -m 512 -smp 2`,
  '-qmp unix:/run/vm/web.qmp,server=on,wait=off -pidfile /run/vm/web.pid',
  '-netdev tap,id=n0,ifname=tap0',
].flatMap((line) => line.split(' '));

const QEMU_THREADS = [
  { tid: 300, comm: 'qemu-system-x86', cpuSeconds: 1 },
  { tid: 301, comm: 'CPU 0/KVM', cpuSeconds: 2 },
  { tid: 302, comm: 'CPU 1/KVM', cpuSeconds: 3 },
];

const make = (readQmp: QmpReader['read'] = async () => QMP) => {
  const files = makeFakeFiles({
    ...smallVm(),
    '/proc/net/dev': netDevText({ eth0: [9, 9], tap0: [100, 200], tap1: [300, 400] }),
    '/run/vm/web.qmp': '',
    '/run/vm/web.pid': '300\n',
    '/run/vm/other.pid': '400\n',
    '/run/vm/fc.sock': '',
    '/run/vm/fc.fifo': '',
    '/run/vm/fc.json':
      '{"machine-config":{"vcpu_count":1,"mem_size_mib":128},"metrics":{"metrics_path":"/run/vm/fc.fifo"}}',
  });
  files.link('/var/run', '/run');
  const clock = makeFakeClock();
  const opened: string[] = [];
  const host = makeHost({
    platform: {
      files,
      clock,
      network: makeFakeNetwork(),
      text: nodeText,
      machine: {
        architecture: 'x86_64',
        pageSizeBytes: 4096,
        pid: 50,
        uid: 0,
        interfaceAddresses: () => ({ ok: true, value: [] }),
      },
    },
    kernel: makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' }),
    settings: { hostPaths: ['/run', '/var/run'] },
    bootId: 'boot-1',
    hostCpuUsagePercent: () => 12.5,
    readers: {
      openFirecracker: (path, locateApi) => {
        const api = locateApi();
        opened.push(`+${path} ${api.ok ? api.path : '-'}`);
        return { read: () => METRICS, stop: () => opened.push(`-${path}`) };
      },
      openQmp: (path) => {
        opened.push(`+${path}`);
        return { read: readQmp, stop: () => opened.push(`-${path}`) };
      },
    },
  });
  const addQemu = (): void =>
    addVmm(files, {
      pid: 300,
      exe: QEMU,
      argv: QEMU_ARGV,
      threads: QEMU_THREADS,
      stat: { cpuSeconds: 7, threads: 3, rssPages: 1000, startTicks: 5000 },
    });
  const addFirecracker = (pid = 400, startTicks = 6000): void =>
    addVmm(files, {
      pid,
      exe: FIRECRACKER,
      argv: ['firecracker', '--id', 'fc-1', '--api-sock', '/run/vm/fc.sock'].concat([
        '--config-file',
        '/run/vm/fc.json',
      ]),
      threads: [
        { tid: pid, comm: 'firecracker' },
        { tid: pid + 1, comm: 'fc_vcpu 0', cpuSeconds: 4 },
      ],
      stat: { cpuSeconds: 5, threads: 2, startTicks },
      taps: ['tap1'],
    });
  const stats = async (locators: readonly Locator[] = [], pss = false): Promise<ProcessStats> => {
    const outcome = await host.processStats(locators, pss);
    if (!outcome.ok) throw new Error(outcome.error.message);
    return processStatsSchema.parse(outcome.value);
  };
  return { files, clock, host, opened, addQemu, addFirecracker, stats };
};

describe('the host', () => {
  it('says what it is, also without VMs', async () => {
    expect(await make().stats()).toEqual({
      boot_id: 'boot-1',
      taken_at: START_MS,
      cpu_count: 2,
      memory_total_bytes: 4_096_000_000,
      host_cpu_usage_percent: 12.5,
      vms: [],
      unmatched: [],
    });
  });

  it('shows a QEMU with all its parts', async () => {
    const { addQemu, stats } = make();
    addQemu();
    expect((await stats([], true)).vms).toEqual([
      {
        kind: 'qemu',
        pid: 300,
        start_ticks: 5000,
        started_at: 1_759_999_050_000,
        uuid: UUID,
        name: 'web',
        id: null,
        vm_id: null,
        state: 'running',
        process: { ok: true, cpu_seconds_total: 7, threads: 3 },
        vcpus: {
          ok: true,
          count: 2,
          cpu_seconds_total: 5,
          vcpus: [
            { vcpu: 0, cpu_seconds_total: 2 },
            { vcpu: 1, cpu_seconds_total: 3 },
          ],
        },
        memory: {
          ok: true,
          rss_bytes: 4_096_000,
          configured_bytes: 536_870_912,
          swap_bytes: 8192,
          pss_bytes: 2_097_152,
          pss_at: START_MS,
          pss_missing: null,
        },
        io: { ok: true, read_bytes_total: 4096, write_bytes_total: 8192 },
        cgroup: {
          ok: false,
          reason: 'absent',
          message: 'the VMM has no control group for itself alone',
        },
        network: {
          ok: true,
          taps: [
            {
              tap: 'tap0',
              receive_bytes_total: 200,
              receive_packets_total: 4,
              receive_errs_total: 5,
              receive_drop_total: 6,
              transmit_bytes_total: 100,
              transmit_packets_total: 1,
              transmit_errs_total: 2,
              transmit_drop_total: 3,
            },
          ],
        },
        firecracker: {
          ok: false,
          reason: 'absent',
          message: 'only Firecracker writes such metrics',
        },
        qmp: QMP,
      },
    ]);
  });

  it('shows a Firecracker with what its config file says', async () => {
    const { opened, addFirecracker, stats } = make();
    addFirecracker();
    expect((await stats()).vms).toMatchObject([
      {
        kind: 'firecracker',
        id: 'fc-1',
        uuid: null,
        name: null,
        vcpus: { ok: true, count: 1, cpu_seconds_total: 4 },
        memory: { configured_bytes: 134_217_728 },
        network: { taps: [{ tap: 'tap1', receive_bytes_total: 400 }] },
        firecracker: METRICS,
        qmp: { ok: false, reason: 'absent' },
      },
    ]);
    expect(opened).toEqual(['+/run/vm/fc.fifo /run/vm/fc.sock']);
  });

  it('does not wait for a config file that is a FIFO', async () => {
    const { files, addFirecracker, stats } = make();
    files.fifo('/run/vm/fc.json');
    addFirecracker();
    const { vms } = await stats();
    expect(vms).toMatchObject([{ id: 'fc-1', firecracker: { ok: false } }]);
    expect(JSON.stringify(vms[0]?.firecracker)).toContain('EINVAL');
  });

  it.each([
    ['R', 'running'],
    ['S', 'running'],
    ['D', 'running'],
    ['I', 'running'],
    ['T', 'stopped'],
    ['t', 'stopped'],
  ])('shows the state %s as %s', async (state, expected) => {
    const { files, addQemu, stats } = make();
    addQemu();
    setStat(files, 300, { state, startTicks: 5000 });
    expect((await stats()).vms).toMatchObject([{ state: expected }]);
  });

  it('shows a zombie as what it is, and lets go of its sockets', async () => {
    const { files, opened, addQemu, stats } = make();
    addQemu();
    await stats();
    setStat(files, 300, { state: 'Z', cpuSeconds: 8, threads: 1, rssPages: 0, startTicks: 5000 });
    const absent = { ok: false, reason: 'absent' };
    expect((await stats()).vms).toMatchObject([
      {
        state: 'zombie',
        process: { ok: true, cpu_seconds_total: 8 },
        vcpus: absent,
        memory: absent,
        io: absent,
        cgroup: absent,
        network: absent,
        firecracker: absent,
        qmp: absent,
      },
    ]);
    expect(opened).toEqual(['+/run/vm/web.qmp', '-/run/vm/web.qmp']);
  });

  it('opens the FIFO anew for a VM that was restarted, after it has closed it', async () => {
    const { files, opened, addFirecracker, stats } = make();
    addFirecracker(400);
    await stats();
    removeProcess(files, 400);
    addFirecracker(390, 7000);
    expect((await stats()).vms).toMatchObject([{ pid: 390, firecracker: METRICS }]);
    const opening = '+/run/vm/fc.fifo /run/vm/fc.sock';
    expect(opened).toEqual([opening, '-/run/vm/fc.fifo', opening]);
  });

  it('sees by itself what is new, and what is gone', async () => {
    const { files, clock, opened, addFirecracker } = make();
    addFirecracker();
    clock.advance(0);
    expect(opened).toEqual(['+/run/vm/fc.fifo /run/vm/fc.sock']);
    removeProcess(files, 400);
    clock.advance(30_000);
    expect(opened).toEqual(['+/run/vm/fc.fifo /run/vm/fc.sock', '-/run/vm/fc.fifo']);
  });

  it('leaves nothing behind', async () => {
    const { files, clock, host, opened, addQemu, addFirecracker, stats } = make();
    addQemu();
    addFirecracker();
    await stats();
    host.stop();
    host.stop();
    expect(opened.toSorted()).toEqual([
      '+/run/vm/fc.fifo /run/vm/fc.sock',
      '+/run/vm/web.qmp',
      '-/run/vm/fc.fifo',
      '-/run/vm/web.qmp',
    ]);
    expect(clock.pendingTimers()).toBe(0);
    expect(files.openCount()).toBe(0);
  });

  it('waits for QMP, but not for ever, and not for a reader that breaks', async () => {
    const { clock, addQemu, stats } = make(async () => new Promise(() => undefined));
    addQemu();
    const waiting = stats();
    await settled();
    clock.advance(3_000);
    expect((await waiting).vms).toMatchObject([{ qmp: { ok: false, reason: 'timeout' } }]);
    const broken = make(async () => {
      throw new Error('bug');
    });
    broken.addQemu();
    expect((await broken.stats()).vms).toMatchObject([
      { qmp: { ok: false, reason: 'unreachable', message: 'the reader failed: bug' } },
    ]);
  });

  it('gives what it may where it may look at nothing, and names what would help', async () => {
    const { files, opened, addQemu, addFirecracker, stats } = make();
    addQemu();
    addFirecracker();
    for (const pid of [300, 400]) {
      for (const name of ['exe', 'io', 'smaps_rollup', 'fd', 'root', 'cwd', 'ns/net', 'ns/mnt']) {
        files.fail(`/proc/${pid}/${name}`, 'EACCES');
      }
      files.set(`/proc/${pid}/net/dev`, netDevText({ eth0: [8, 8], tap0: [0, 0], tap1: [0, 0] }));
    }
    const { vms } = await stats([], true);
    const ok = { ok: true };
    const forbidden = { ok: false, reason: 'forbidden' };
    expect(vms).toMatchObject([
      {
        name: 'web',
        process: ok,
        vcpus: ok,
        memory: { ok: true, pss_bytes: null, pss_missing: forbidden },
        io: forbidden,
        network: { ok: true, taps: [{ tap: 'tap0', receive_bytes_total: 200 }] },
        qmp: forbidden,
      },
      { id: 'fc-1', process: ok, vcpus: ok, io: forbidden, network: forbidden, firecracker: {} },
    ]);
    for (const vm of vms) expect(JSON.stringify(vm.io)).toContain('CAP_SYS_PTRACE');
    expect(opened).toEqual([]);
  });

  it('does not ask again at each call what was refused', async () => {
    const { files, clock, addQemu, stats } = make();
    addQemu();
    files.set('/proc/300/io', 'garbage');
    for (let call = 0; call < 10; call += 1) {
      expect((await stats()).vms).toMatchObject([{ io: { reason: 'malformed' } }]);
      clock.advance(999);
    }
    expect(files.readCount('/proc/300/io')).toBe(1);
    files.set('/proc/300/io', 'read_bytes: 1\nwrite_bytes: 2\n');
    clock.advance(10_000);
    expect((await stats()).vms).toMatchObject([{ io: { ok: true } }]);
  });

  it('bounds and keeps names as they are, whatever somebody has typed', async () => {
    const { files, stats } = make();
    const name = '\u001B[31m"\n</script>\u202E\0'.replaceAll('\0', '').repeat(100);
    addVmm(files, { pid: 300, exe: QEMU, argv: [QEMU, '-name', name, '-uuid', `';--${name}`] });
    const { vms } = await stats();
    expect(vms).toMatchObject([{ name: name.slice(0, 256) }]);
    expect(vms[0]?.uuid).toHaveLength(256);
  });

  it('shows no VM twice and loses none while they come and go', async () => {
    const { files, addQemu, addFirecracker, stats } = make();
    addQemu();
    for (let round = 0; round < 40; round += 1) {
      if (round % 3 === 0) addFirecracker(400, 6000 + round);
      if (round % 3 === 2) removeProcess(files, 400);
      const pids = (await stats()).vms.map(({ pid }) => pid);
      expect(pids).toEqual(round % 3 === 2 ? [300] : [300, 400]);
    }
  });

  describe('with locators', () => {
    const matchOne = async (locator: Omit<Locator, 'vm_id'>) => {
      const { addQemu, addFirecracker, stats } = make();
      addQemu();
      addFirecracker();
      const { vms, unmatched } = await stats([{ vm_id: 'a', ...locator }]);
      return { pid: vms.find(({ vm_id: vmId }) => vmId === 'a')?.pid, unmatched };
    };

    it.each([
      ['pid', { pid: 300 }, 300],
      ['the pid file of its command line', { pidfile: '/run/vm/web.pid' }, 300],
      ['a pid file that somebody else wrote', { pidfile: '/run/vm/other.pid' }, 400],
      ['API socket', { api_socket: '/run/vm/fc.sock' }, 400],
      ['QMP socket', { qmp_socket: '/run/vm/web.qmp' }, 300],
      ['a socket under another name', { qmp_socket: '/var/run/vm/web.qmp' }, 300],
      ['a pid file under another name', { pidfile: '/var/run/vm/web.pid' }, 300],
      ['the first name that leads somewhere', { pid: 999, pidfile: '/run/vm/other.pid' }, 400],
      ['the pid rather than a socket', { pid: 400, qmp_socket: '/run/vm/web.qmp' }, 400],
    ])('finds a VM by %s', async (_, locator, pid) => {
      expect(await matchOne(locator)).toMatchObject({ pid, unmatched: [] });
    });

    it.each([
      ['a pid of no VMM', { pid: 50 }, 'absent', 'pid 50'],
      ['nothing', {}, 'absent', 'names no pid'],
      ['taps alone', { taps: ['tap0'] }, 'absent', 'names no pid'],
      ['a pid file that is not there', { pidfile: '/run/vm/none.pid' }, 'absent', 'ENOENT'],
      ['a pid file outside', { pidfile: '/etc/passwd' }, 'forbidden', 'host_paths'],
      ['a file without a pid', { pidfile: '/run/vm/fc.json' }, 'malformed', 'does not hold a pid'],
      ['a socket of nobody', { api_socket: '/run/vm/x' }, 'absent', '/run/vm/x'],
      ['a path that climbs', { pidfile: '/run/vm/../../etc/x' }, 'forbidden', 'absolute'],
    ])('says what is wrong with %s', async (_, locator, reason, word) => {
      const { pid, unmatched } = await matchOne(locator);
      expect(pid).toBeUndefined();
      expect(unmatched).toMatchObject([{ vm_id: 'a', reason }]);
      expect(unmatched[0]?.message).toContain(word);
    });

    it('does not wait for a pid file that is a FIFO', async () => {
      const { files, addQemu, stats } = make();
      addQemu();
      files.fifo('/run/vm/named.pid');
      const { unmatched } = await stats([{ vm_id: 'a', pidfile: '/run/vm/named.pid' }]);
      expect(unmatched).toMatchObject([{ vm_id: 'a', message: 'EINVAL: /run/vm/named.pid' }]);
    });

    it('adds what the command line does not tell, and keeps it', async () => {
      const { files, opened, stats } = make();
      addVmm(files, { pid: 300, exe: QEMU, argv: [QEMU] });
      const locator = { vm_id: 'a', pid: 300, qmp_socket: '/run/vm/web.qmp', taps: ['tap0'] };
      const expected = { qmp: QMP, network: { taps: [{ tap: 'tap0' }] } };
      expect((await stats([locator])).vms).toMatchObject([{ vm_id: 'a', ...expected }]);
      expect((await stats()).vms).toMatchObject([{ vm_id: null, ...expected }]);
      expect(opened).toEqual(['+/run/vm/web.qmp']);
    });

    it('does not open what is outside of host_paths, and says so, but matches', async () => {
      const { opened, addFirecracker, stats } = make();
      addFirecracker();
      const locator = { vm_id: 'a', pid: 400, metrics_fifo: '/etc/passwd' };
      const { vms, unmatched } = await stats([locator]);
      expect(vms).toMatchObject([{ vm_id: 'a', firecracker: METRICS }]);
      expect(unmatched).toMatchObject([{ vm_id: 'a', reason: 'forbidden' }]);
      expect(opened).toEqual(['+/run/vm/fc.fifo /run/vm/fc.sock']);
    });

    it('gives one VM to one of two that claim it', async () => {
      const { addQemu, stats } = make();
      addQemu();
      const { vms, unmatched } = await stats([
        { vm_id: 'a', pid: 300 },
        { vm_id: 'b', qmp_socket: '/run/vm/web.qmp' },
      ]);
      expect(vms).toMatchObject([{ vm_id: 'a' }]);
      expect(unmatched).toMatchObject([{ vm_id: 'b', reason: 'malformed' }]);
    });

    it('takes no socket for that of two VMs', async () => {
      const { addFirecracker, stats } = make();
      addFirecracker(400);
      addFirecracker(410);
      const { vms, unmatched } = await stats([{ vm_id: 'a', api_socket: '/run/vm/fc.sock' }]);
      expect(vms.map(({ vm_id: vmId }) => vmId)).toEqual([null, null]);
      expect(unmatched).toMatchObject([{ reason: 'absent' }]);
      expect(vms.map(({ firecracker }) => firecracker)).toMatchObject([
        METRICS,
        { ok: false, reason: 'forbidden' },
      ]);
    });
  });
});
