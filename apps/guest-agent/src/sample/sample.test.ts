import { infoSchema, sampleSchema, type Sample } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFakeAgent } from '../testing/fake-agent.ts';
import { START_MS } from '../testing/fake-clock.ts';
import { SPACE, type FakeFiles } from '../testing/fake-files.ts';
import { MOUNTINFO, smallVm } from '../testing/small-vm.ts';

const sampleOf = async (spoil?: (files: FakeFiles) => void): Promise<Sample> => {
  const { ask } = await makeFakeAgent({}, spoil);
  const answer = await ask('/metrics?format=json');
  expect(answer.status).toBe(200);
  const document: unknown = JSON.parse(answer.body);
  // Strict: nothing that the schema does not have.
  expect(sampleSchema.parse(document)).toEqual(document);
  return sampleSchema.parse(document);
};

const STALL = { avg10: 0, avg60: 0, avg300: 0 };

describe('the JSON sample', () => {
  it('holds what the machine says, in base units', async () => {
    const sample = await sampleOf();
    expect(sample).toMatchObject({
      vm_id: null,
      boot_id: '0b2dd3a1-7c35-4b1c-9c11-5f2f5a1c0d9e',
      taken_at: START_MS,
      uptime_seconds: 1000.5,
      cpu_usage_percent: null,
      memory_usage_percent: 25,
      memory_used_kb: 1_000_000,
      memory_total_kb: 4_000_000,
      memory_available_kb: 3_000_000,
      load_average: 0.5,
      process_count: 3,
      cpu: { count: 2, seconds: { user: 3, idle: 90, steal: 0.1, guest: 0 } },
      memory: {
        total_bytes: 4_096_000_000,
        available_bytes: 3_072_000_000,
        shared_bytes: 5_120_000,
      },
      swap: { total_bytes: 1_024_000_000, free_bytes: 921_600_000, used_bytes: 102_400_000 },
      load: { load1: 0.5, load5: 0.4, load15: 0.3 },
      pressure: {
        cpu: { some: { avg10: 0.6, total_seconds: 4.094419 }, full: null },
        memory: {
          some: { ...STALL, total_seconds: 0.001 },
          full: { ...STALL, total_seconds: 0.0005 },
        },
      },
      processes: { total: 3, running: 2, blocked: 1, scanned_at: START_MS },
    });
    expect(sample.cpu?.cores.map(({ cpu }) => cpu)).toEqual([0, 1]);
    expect(sample.disks?.map(({ device, read_bytes_total: bytes }) => [device, bytes])).toEqual([
      ['vda', 64_000 * 512],
    ]);
    expect(sample.filesystems).toMatchObject([
      {
        mountpoint: '/',
        readonly: false,
        size_bytes: 4_096_000,
        available_bytes: 2_048_000,
        error: null,
      },
      { mountpoint: '/data', readonly: true, files: 200, files_free: 150 },
    ]);
    expect(sample.networks).toMatchObject([
      { device: 'lo', operstate: 'unknown' },
      { device: 'eth0', operstate: 'up', receive_bytes_total: 223_819, transmit_drop_total: 8 },
    ]);
    expect(Object.values(sample.collectors).every(({ ok }) => ok)).toBe(true);
  });

  it('knows how busy the machine is as soon as it has looked twice', async () => {
    const { ask, clock, files } = await makeFakeAgent();
    files.set('/proc/stat', 'cpu  330 2 100 9070 40 1 5 10 0 0\ncpu0 1 1 1 1\n');
    clock.advance(1000);
    const sample = sampleSchema.parse(JSON.parse((await ask('/metrics?format=json')).body));
    expect(sample.cpu_usage_percent).toBeCloseTo(30, 6);
  });

  /** What is null when a source is broken; everything else must stay as it was. */
  const SOURCES: readonly (readonly [
    path: string,
    collector: string | undefined,
    fields: readonly (keyof Sample)[],
  ])[] = [
    ['/proc/stat', 'cpu', ['cpu', 'processes', 'cpu_usage_percent']],
    [
      '/proc/meminfo',
      'meminfo',
      [
        'memory',
        'swap',
        'memory_usage_percent',
        'memory_used_kb',
        'memory_total_kb',
        'memory_available_kb',
        'processes',
      ],
    ],
    ['/proc/loadavg', 'loadavg', ['load', 'load_average']],
    ['/proc/uptime', undefined, ['uptime_seconds']],
    ['/proc/diskstats', 'diskstats', ['disks']],
    ['/proc/net/dev', 'netdev', ['networks']],
    ['/proc/1/mountinfo', 'filesystem', ['filesystems']],
  ];

  describe.each(SOURCES)('with %s broken', (path, collector, fields) => {
    it.each([
      ['missing', (files: FakeFiles) => files.unplug(path)],
      ['unreadable', (files: FakeFiles) => files.fail(path, 'EIO')],
      ['malformed', (files: FakeFiles) => files.set(path, 'x y z\n')],
    ])('(%s) says null, never 0, and leaves the rest as it was', async (_, spoil) => {
      const [whole, broken] = [await sampleOf(), await sampleOf(spoil)];
      for (const field of fields) {
        if (field !== 'processes') expect([field, broken[field]]).toEqual([field, null]);
      }
      const rest = (sample: Sample) =>
        Object.fromEntries(
          Object.entries(sample).filter(
            ([name]) => name !== 'collectors' && !fields.some((field) => field === name),
          ),
        );
      expect(rest(broken)).toEqual(rest(whole));
      const failed = Object.entries(broken.collectors).filter(([, { ok }]) => !ok);
      expect(failed.map(([name]) => name)).toEqual(collector === undefined ? [] : [collector]);
      expect(failed.every(([, { error }]) => error !== undefined && error !== '')).toBe(true);
    });
  });

  it('says null for the CPUs where the kernel lists none by itself', async () => {
    const sample = await sampleOf((files) => files.set('/proc/stat', 'cpu  1 1 1 1\n'));
    expect(sample.cpu).toBeNull();
  });

  it('says null for a boot that has no id', async () => {
    const sample = await sampleOf((files) => files.unplug('/proc/sys/kernel/random/boot_id'));
    expect(sample.boot_id).toBeNull();
  });

  it('says null for processes that it cannot see', async () => {
    const sample = await sampleOf((files) => files.fail('/proc/', 'EACCES'));
    expect(sample.process_count).toBeNull();
    expect(sample.processes).toMatchObject({ total: null, scanned_at: null, top: [], running: 2 });
    expect(sample.collectors['processes']).toMatchObject({ ok: false });
  });

  it('says null for what of the processes only /proc/stat tells', async () => {
    const sample = await sampleOf((files) => files.fail('/proc/stat', 'EIO'));
    expect(sample.processes).toMatchObject({ total: 3, running: null, blocked: null });
  });

  it("takes its own view of the mounts where it may not see the machine's", async () => {
    const sample = await sampleOf((files) => {
      files.fail('/proc/1/mountinfo', 'EACCES');
      files.set('/proc/self/mountinfo', MOUNTINFO);
    });
    expect(sample.filesystems?.map(({ mountpoint }) => mountpoint)).toEqual(['/', '/data']);
  });

  it("does not give another filesystem's space for a mount that only the machine sees", async () => {
    const own = MOUNTINFO.replace('254:16 / /data', '0:99 / /data');
    const { ask, files } = await makeFakeAgent({}, (machine) => {
      machine.set('/proc/self/mountinfo', own);
    });
    const sample = sampleSchema.parse(JSON.parse((await ask('/metrics?format=json')).body));
    const error = 'not visible to the agent: it runs in a mount namespace of its own';
    expect(sample.filesystems).toMatchObject([
      { mountpoint: '/', size_bytes: 4_096_000, error: null },
      { mountpoint: '/data', size_bytes: null, error },
    ]);
    const { body } = await ask('/metrics');
    const labels = '{device="/dev/vdb",fstype="xfs",mountpoint="/data"}';
    expect(body).toContain(`node_filesystem_device_error${labels} 1\n`);
    expect(body).not.toContain(`node_filesystem_size_bytes${labels}`);
    expect(files.asked('/data')).toBe(0);
  });

  it('looks at its own mounts only where its mount namespace may be another', async () => {
    for (const [own, reads] of [
      ['mnt:[1]', 0],
      ['mnt:[2]', 1],
    ] as const) {
      const { ask, files } = await makeFakeAgent({}, (machine) => {
        machine.set('/proc/self/mountinfo', MOUNTINFO);
        machine.link('/proc/1/ns/mnt', 'mnt:[1]');
        machine.link('/proc/self/ns/mnt', own);
      });
      const sample = sampleSchema.parse(JSON.parse((await ask('/metrics?format=json')).body));
      expect(sample.filesystems?.map(({ error: problem }) => problem)).toEqual([null, null]);
      expect(files.readCount('/proc/self/mountinfo')).toBe(reads);
    }
  });

  it('shows a device where it answered rather than at a shorter path where it did not', async () => {
    const sample = await sampleOf((files) => {
      const mount = '41 27 254:16 / /data-again rw - xfs /dev/vdb rw\n';
      files.set('/proc/1/mountinfo', MOUNTINFO + mount);
      files.setSpace('/data', { code: 'EACCES', message: 'permission denied' });
      files.setSpace('/data-again', SPACE);
    });
    expect(sample.filesystems).toMatchObject([
      { mountpoint: '/' },
      { mountpoint: '/data-again', size_bytes: 4_096_000, error: null },
    ]);
  });

  it('never lets CPU times go backwards', async () => {
    const { ask, files } = await makeFakeAgent();
    const cpuOf = async () =>
      sampleSchema.parse(JSON.parse((await ask('/metrics?format=json')).body)).cpu;
    const before = await cpuOf();
    files.set('/proc/stat', 'cpu  310 2 100 8990 30 1 5 10 0 0\ncpu0 160 1 50 4490 10 1 2 5 0 0\n');
    const after = await cpuOf();
    expect(before).toMatchObject({ seconds: { user: 3, idle: 90, iowait: 0.4 } });
    expect(after).toMatchObject({
      seconds: { user: 3.1, idle: 90, iowait: 0.4 },
      cores: [{ cpu: 0, seconds: { user: 1.6, idle: 45, iowait: 0.2 } }],
    });
  });

  it('says null for parts of pressure that the kernel does not have', async () => {
    const sample = await sampleOf((files) => files.unplug('/proc/pressure/io'));
    expect(sample.pressure).toMatchObject({ io: null, cpu: { full: null } });
    const none = await sampleOf((files) => {
      for (const kind of ['cpu', 'memory', 'io']) files.unplug(`/proc/pressure/${kind}`);
    });
    expect(none.pressure).toBeNull();
  });

  it('says null for a state of an interface that it cannot read', async () => {
    const sample = await sampleOf((files) => files.fail('/sys/class/net/eth0/operstate', 'EINVAL'));
    expect(sample.networks).toMatchObject([{ operstate: 'unknown' }, { operstate: null }]);
  });

  it('keeps a filesystem that fails with its error, and the others with their numbers', async () => {
    const sample = await sampleOf((files) => {
      files.setSpace('/data', { code: 'EIO', message: 'I/O error' });
    });
    expect(sample.filesystems).toMatchObject([
      { mountpoint: '/', size_bytes: 4_096_000, error: null },
      { mountpoint: '/data', size_bytes: null, files: null, files_free: null, error: 'I/O error' },
    ]);
    expect(sample.collectors['filesystem']).toMatchObject({ ok: true });
  });

  it('has everything but the space of a dead mount, after one deadline', async () => {
    const { network, clock, files } = await makeFakeAgent({}, (machine) => {
      machine.set('/proc/1/mountinfo', `${MOUNTINFO}40 27 0:50 / /net rw - nfs4 server:/x rw\n`);
      machine.setSpace('/net', 'never');
    });
    const scrape = async (waitMs: number): Promise<Sample> => {
      const client = network.dial();
      client.send(
        'GET /metrics?format=json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      );
      for (let passed = 0; passed <= waitMs; passed += 100) {
        await new Promise((resolve) => setImmediate(resolve));
        if (client.closed()) break;
        clock.advance(100);
      }
      return sampleSchema.parse(JSON.parse(client.received().split('\r\n\r\n')[1] ?? ''));
    };
    const first = await scrape(1200);
    expect(first.memory).not.toBeNull();
    expect(first.filesystems?.map(({ error }) => error)).toEqual([
      null,
      null,
      'no answer from the filesystem for 1.0 s',
    ]);
    await scrape(0);
    expect(files.asked('/net')).toBe(1);
  });

  it('is one that the schema takes, whatever a process or a mount is called', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(name, name, name, async (comm, fsType, device) => {
        const octal = (text: string): string =>
          text.replaceAll(
            /[\s\\#]/gu,
            (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`,
          );
        const sample = await sampleOf((files) => {
          const stat = (smallVm()['/proc/50/stat'] ?? '').replace(/\(.*\)/u, () => `(${comm})`);
          files.set('/proc/50/stat', stat);
          const mount = `40 27 0:60 / /mnt rw - ${octal(fsType)} ${octal(device)} rw\n`;
          files.set('/proc/1/mountinfo', MOUNTINFO + mount);
          files.setSpace('/mnt', { code: 'EIO', message: 'x'.repeat(2000) });
        });
        expect(sample.process_count).toBe(3);
      }),
      { numRuns: 50 },
    );
  });
});

describe('GET /info', () => {
  const infoOf = async (spoil?: (files: FakeFiles) => void) => {
    const { ask } = await makeFakeAgent({}, spoil);
    const document: unknown = JSON.parse((await ask('/info')).body);
    const info = infoSchema.parse(document);
    expect(info).toEqual(document);
    return info;
  };

  it('says what the machine is', async () => {
    expect(await infoOf()).toMatchObject({
      machine_id: 'aaaabbbbccccddddeeeeffff00001111',
      booted_at: 1_759_999_000_000,
      hostname: 'small-vm',
      os: { id: 'debian', version: '12' },
      kernel: { name: 'Linux', release: '6.1.0-18-cloud-amd64' },
      architecture: 'x86_64',
      cpu: { count: 2, model: 'Example CPU @ 2.00GHz' },
      memory: { total_bytes: 4_096_000_000, swap_bytes: 1_024_000_000 },
      virtualization: { kind: 'kvm', vendor: 'QEMU', product: 'Standard PC' },
      cloud_init: { status: null, errors: [] },
      interfaces: [
        { device: 'lo', addresses: [] },
        {
          device: 'eth0',
          mtu_bytes: 1500,
          addresses: [{ address: '192.0.2.7', prefix_length: 24 }],
        },
      ],
      filesystems: [{ mountpoint: '/' }, { mountpoint: '/data' }],
      users: ['root'],
    });
  });

  it('says null where the machine tells nothing', async () => {
    const info = await infoOf((files) => {
      for (const path of Object.keys(smallVm())) files.unplug(path);
    });
    expect(info).toMatchObject({
      machine_id: null,
      booted_at: null,
      hostname: null,
      os: { id: null, name: null },
      cpu: { count: null, model: null },
      memory: { total_bytes: null, swap_bytes: null },
      virtualization: { kind: null },
      users: null,
    });
  });

  it('says null for the number of CPUs where the kernel lists none by itself', async () => {
    const info = await infoOf((files) => files.set('/proc/stat', 'cpu  1 1 1 1\n'));
    expect(info.cpu.count).toBeNull();
  });

  it('bounds what files of the machine say', async () => {
    const long = 'x'.repeat(5000);
    const info = await infoOf((files) => {
      files.set(
        '/etc/os-release',
        `NAME=${long}\nID=${long}\nPRETTY_NAME=${long}\nVERSION_ID=${long}\n`,
      );
      files.set('/etc/machine-id', long);
      files.set('/sys/class/dmi/id/sys_vendor', long);
      files.set('/sys/class/dmi/id/product_name', long);
      files.set('/proc/cpuinfo', `model name\t: ${long}\n`);
      files.set('/proc/1/mountinfo', `27 1 254:1 / /${long} rw - ${long} ${long} rw\n`);
    });
    expect(JSON.stringify(info).length).toBeLessThan(20_000);
  });

  it('names the new release after an upgrade, which replaces the file', async () => {
    const { ask, files, clock } = await makeFakeAgent();
    await ask('/info');
    files.replace('/etc/os-release', 'ID=debian\nVERSION_ID="13"\n');
    clock.advance(60_000);
    const info = infoSchema.parse(JSON.parse((await ask('/info')).body));
    expect(info.os.version).toBe('13');
  });

  it.each([
    ['runs', { '/run/cloud-init/status.json': '{}' }, { status: 'running', errors: [] }],
    [
      'is done',
      { '/run/cloud-init/result.json': '{"v1":{"errors":[]}}' },
      { status: 'done', errors: [] },
    ],
    [
      'has failed',
      { '/run/cloud-init/result.json': '{"v1":{"errors":["no network"]}}' },
      { status: 'error', errors: ['no network'] },
    ],
  ])('tells when cloud-init %s', async (_, texts, expected) => {
    const info = await infoOf((files) => {
      for (const [path, text] of Object.entries(texts)) files.set(path, text);
    });
    expect(info.cloud_init).toEqual(expected);
  });
});
