import { errorBodySchema, healthSchema, sampleSchema } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { parseExposition, type ParsedSample } from './testing/exposition-parser.ts';
import { makeFakeAgent, type AskOptions } from './testing/fake-agent.ts';
import { START_MS } from './testing/fake-clock.ts';
import { makeManagerKey } from './testing/manager-key.ts';
import { REMOTE_PEER, UNIX_PEER } from './testing/make-request.ts';
import { settled } from './testing/settled.ts';

const manager = makeManagerKey();
const ENROLLED = { vmId: 'vm-1', managerKeys: [manager.publicKey] };
const NOW = START_MS / 1000;

const bearer = (
  claims: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> => ({
  Authorization: `Bearer ${manager.mint({ aud: 'vm-1', scope: 'metrics', exp: NOW + 600, ...claims })}`,
});

const valueIn = (samples: readonly ParsedSample[], name: string, labels = {}): number | undefined =>
  samples.find(
    (sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
  )?.value;

describe('GET /health', () => {
  it('says who answers and what it can do, as the schema has it', async () => {
    const { ask } = await makeFakeAgent(ENROLLED);
    const document: unknown = JSON.parse((await ask('/health')).body);
    expect(healthSchema.parse(document)).toEqual(document);
    expect(document).toEqual({
      status: 'ok',
      tls: 'off',
      version: '1.2.3',
      vm_id: 'vm-1',
      boot_id: '0b2dd3a1-7c35-4b1c-9c11-5f2f5a1c0d9e',
      hostname: 'small-vm',
      uptime_seconds: 1000.5,
      enrolled: true,
      enrollment: null,
      roles: ['guest'],
      capabilities: ['metrics', 'info', 'processes', 'logs', 'exec', 'power', 'rpc'],
      clock: { unix_ms: START_MS, synchronized: null, zone: 'UTC', utc_offset_seconds: 0 },
    });
  });

  it('says null for what it cannot read', async () => {
    const { ask } = await makeFakeAgent({}, (files) => {
      files.unplug('/proc/uptime');
      files.unplug('/proc/sys/kernel/hostname');
      files.unplug('/proc/sys/kernel/random/boot_id');
    });
    const health = healthSchema.parse(JSON.parse((await ask('/health')).body));
    expect(health).toMatchObject({
      vm_id: null,
      boot_id: null,
      hostname: null,
      uptime_seconds: null,
      enrolled: false,
    });
  });

  it.each([
    ['set by the time service', ['/run/systemd/timesync/synchronized'], true],
    ['not yet set', ['/run/systemd/timesync/other'], false],
  ])('tells that the clock is %s', async (_, paths, synchronized) => {
    const { ask } = await makeFakeAgent({}, (files) => {
      for (const path of paths) files.set(path, '');
    });
    const health = healthSchema.parse(JSON.parse((await ask('/health')).body));
    expect(health.clock.synchronized).toBe(synchronized);
  });
});

describe('GET /metrics', () => {
  it.each(['prometheus', 'openmetrics'] as const)(
    'is what a strict scraper of %s takes',
    async (format) => {
      const { ask } = await makeFakeAgent();
      const answer = await ask(`/metrics?format=${format}`);
      expect(answer.headers.get('content-type')).toContain(
        format === 'prometheus' ? 'text/plain' : 'application/openmetrics-text',
      );
      const { families, samples } = parseExposition(answer.body, format);
      expect(families.size).toBeGreaterThan(100);
      expect(valueIn(samples, 'node_load1')).toBe(0.5);
      expect(valueIn(samples, 'node_cpu_seconds_total', { cpu: '0', mode: 'idle' })).toBe(45);
      expect(valueIn(samples, 'node_memory_MemTotal_bytes')).toBe(4_096_000_000);
      expect(valueIn(samples, 'node_memory_HugePages_Total')).toBe(0);
      expect(valueIn(samples, 'node_network_receive_bytes_total', { device: 'eth0' })).toBe(
        223_819,
      );
      expect(valueIn(samples, 'node_disk_read_bytes_total', { device: 'vda' })).toBe(64_000 * 512);
      expect(valueIn(samples, 'node_disk_read_bytes_total', { device: 'loop0' })).toBeUndefined();
      expect(valueIn(samples, 'node_boot_time_seconds')).toBe(1_759_999_000);
      expect(valueIn(samples, 'node_vmstat_nr_free_pages')).toBeUndefined();
    },
  );

  it('says the same in both formats', async () => {
    const { ask } = await makeFakeAgent();
    const of = async (format: 'prometheus' | 'openmetrics') =>
      parseExposition((await ask(`/metrics?format=${format}`)).body, format).samples.filter(
        ({ name }) => name !== 'guest_agent_http_connections_accepted_total',
      );
    const [text, open] = [await of('prometheus'), await of('openmetrics')];
    expect(open).toEqual(text);
  });

  it('agrees with the JSON sample', async () => {
    const { ask } = await makeFakeAgent();
    const { samples } = parseExposition((await ask('/metrics')).body, 'prometheus');
    const sample = sampleSchema.parse(JSON.parse((await ask('/metrics?format=json')).body));
    const root = { device: '/dev/vda1', fstype: 'ext4', mountpoint: '/' };
    expect(sample.load_average).toBe(valueIn(samples, 'node_load1'));
    expect(sample.memory?.available_bytes).toBe(valueIn(samples, 'node_memory_MemAvailable_bytes'));
    expect(sample.filesystems?.[0]?.size_bytes).toBe(
      valueIn(samples, 'node_filesystem_size_bytes', root),
    );
    expect(sample.process_count).toBe(valueIn(samples, 'node_processes_pids'));
    expect(sample.pressure?.io?.full?.total_seconds).toBe(
      valueIn(samples, 'node_pressure_io_stalled_seconds_total'),
    );
  });

  it('writes only the collectors that are asked for', async () => {
    const { ask } = await makeFakeAgent();
    const answer = await ask('/metrics?collect[]=loadavg&collect%5B%5D=uname');
    const { families } = parseExposition(answer.body, 'prometheus');
    const names = [...families.keys()].filter(
      (name) => !/^(?:process_|guest_agent_|node_scrape_)/u.test(name),
    );
    expect(names).toEqual(['node_load1', 'node_load5', 'node_load15', 'node_uname_info']);
  });

  it.each([
    ['?format=xml', 'format must be prometheus, openmetrics or json'],
    ['?collect[]=nothing', 'no collector "nothing"; there are arp, '],
    ['?collect[]=constructor', 'no collector "constructor"'],
    ['?collect[]=cpu&format=json', 'a JSON sample is always whole'],
    ['?collect=cpu', 'unknown parameter "collect"'],
  ])('refuses %s, and says why', async (query, message) => {
    const { ask } = await makeFakeAgent();
    const answer = await ask(`/metrics${query}`);
    expect(answer.status).toBe(422);
    expect(errorBodySchema.parse(JSON.parse(answer.body)).error.message).toContain(message);
  });

  it('shows a broken collector as such, and all the others whole', async () => {
    const success = async (spoil?: Parameters<typeof makeFakeAgent>[1]) => {
      const { ask } = await makeFakeAgent({}, spoil);
      return parseExposition((await ask('/metrics')).body, 'prometheus').samples;
    };
    const whole = await success();
    const broken = await success((files) => files.set('/proc/meminfo', 'nonsense\n'));
    const label = { collector: 'meminfo' };
    expect(valueIn(whole, 'node_scrape_collector_success', label)).toBe(1);
    expect(valueIn(broken, 'node_scrape_collector_success', label)).toBe(0);
    const others = (samples: readonly ParsedSample[]) =>
      samples.filter(
        ({ name, labels }) => !name.startsWith('node_memory_') && labels['collector'] !== 'meminfo',
      );
    expect(others(broken)).toEqual(others(whole));
    expect(broken.some(({ name }) => name.startsWith('node_memory_'))).toBe(false);
  });

  it('tells of itself: which agent, and what it had to refuse', async () => {
    const { ask, network, clock } = await makeFakeAgent(ENROLLED);
    network.dial().send('GET /');
    clock.advance(10_000);
    await settled();
    const { samples } = parseExposition((await ask('/metrics')).body, 'prometheus');
    const info = {
      boot_id: '0b2dd3a1-7c35-4b1c-9c11-5f2f5a1c0d9e',
      version: '1.2.3',
      vm_id: 'vm-1',
    };
    expect(valueIn(samples, 'guest_agent_info', info)).toBe(1);
    expect(valueIn(samples, 'guest_agent_http_timeouts_total')).toBe(1);
    expect(valueIn(samples, 'guest_agent_http_connections_accepted_total')).toBe(2);
    expect(valueIn(samples, 'process_open_fds')).toBe(2);
  });

  it('survives a machine that tells nothing at all', async () => {
    const { ask } = await makeFakeAgent({ procRoot: '/nowhere', sysRoot: '/nowhere' });
    const answer = await ask('/metrics');
    expect(answer.status).toBe(200);
    const { samples } = parseExposition(answer.body, 'prometheus');
    expect(valueIn(samples, 'node_scrape_collector_success', { collector: 'cpu' })).toBe(0);
    expect(valueIn(samples, 'node_scrape_collector_success', { collector: 'time' })).toBe(1);
  });
});

describe('who may ask the agent', () => {
  const ROUTES = [
    '/health',
    '/metrics',
    '/metrics?format=json',
    '/info',
    '/processes',
    '/exec',
    '/',
  ];
  const statusesFor = async (
    options: AskOptions,
    settings: Parameters<typeof makeFakeAgent>[0] = {},
  ): Promise<Readonly<Record<string, number>>> => {
    const { ask } = await makeFakeAgent(settings);
    const entries: [string, number][] = [];
    for (const route of ROUTES) entries.push([route, (await ask(route, options)).status]);
    return Object.fromEntries(entries);
  };
  const cells = (...statuses: readonly number[]) =>
    Object.fromEntries(ROUTES.map((route, index) => [route, statuses[index]]));

  it.each([
    ['loopback', {}, cells(200, 200, 200, 200, 200, 403, 403)],
    [
      'a browser that was rebound',
      { headers: { Host: 'evil.example' } },
      cells(200, 200, 200, 403, 403, 403, 403),
    ],
    ['another machine', { peer: REMOTE_PEER }, cells(200, 200, 200, 403, 403, 403, 403)],
    ['the unix socket', { peer: UNIX_PEER }, cells(200, 200, 200, 403, 403, 403, 403)],
    ['loopback, to change something', { method: 'POST' }, cells(405, 405, 405, 405, 405, 403, 403)],
  ])('before enrolment: %s', async (_, options, expected) => {
    expect(await statusesFor(options)).toEqual(expected);
  });

  it.each([
    ['loopback', {}, cells(200, 200, 200, 401, 401, 401, 401)],
    [
      'a browser that was rebound',
      { headers: { Host: 'evil.example' } },
      cells(401, 401, 401, 401, 401, 401, 401),
    ],
    ['another machine', { peer: REMOTE_PEER }, cells(401, 401, 401, 401, 401, 401, 401)],
    ['the unix socket', { peer: UNIX_PEER }, cells(401, 401, 401, 401, 401, 401, 401)],
    ['loopback, to change something', { method: 'POST' }, cells(401, 401, 401, 401, 401, 401, 401)],
    [
      'another machine with a token',
      { peer: REMOTE_PEER, headers: bearer() },
      cells(200, 200, 200, 200, 200, 403, 404),
    ],
    [
      'the unix socket with a token',
      { peer: UNIX_PEER, headers: bearer() },
      cells(200, 200, 200, 200, 200, 403, 404),
    ],
    [
      'another machine with a token of another scope',
      { peer: REMOTE_PEER, headers: bearer({ scope: 'logs' }) },
      cells(200, 403, 403, 403, 403, 403, 404),
    ],
    [
      "another machine with another VM's token",
      { peer: REMOTE_PEER, headers: bearer({ aud: 'vm-2' }) },
      cells(401, 401, 401, 401, 401, 401, 401),
    ],
  ])('once enrolled: %s', async (_, options, expected) => {
    expect(await statusesFor(options, ENROLLED)).toEqual(expected);
  });
});

describe('the agent as a whole', () => {
  it('lets go of everything when it stops', async () => {
    const { agent, clock, network } = await makeFakeAgent();
    const idle = network.dial();
    await agent.stop(1000);
    expect(network.listening()).toBe(false);
    expect(idle.closed()).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('opens no more files however often it is scraped', async () => {
    const { ask, files, clock } = await makeFakeAgent();
    for (const route of ['/metrics', '/metrics?format=json', '/processes', '/info']) {
      await ask(route);
    }
    const open = files.openCount();
    for (let count = 0; count < 50; count += 1) {
      clock.advance(15_000);
      await ask(count % 2 === 0 ? '/metrics' : '/metrics?format=json');
    }
    expect(files.openCount()).toBe(open);
  });

  it('answers 500 and logs the error where a part of it throws, and stays up', async () => {
    const { ask, files, logged } = await makeFakeAgent();
    const list = files.list.bind(files);
    files.list = () => {
      throw new Error('a bug');
    };
    const answer = await ask('/processes');
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('a bug');
    expect(logged.filter((line) => line.includes('a bug'))).toHaveLength(1);
    expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({
      level: 'error',
      message: 'request failed',
      fields: { method: 'GET', path: '/processes' },
    });
    files.list = list;
    expect((await ask('/processes')).status).toBe(200);
  });
});
