/** What the agent answers over HTTP, as docs/protocol.md promises it, from a real process. */
import { readFileSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import {
  errorBodySchema,
  healthSchema,
  infoSchema,
  processListSchema,
  sampleSchema,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, BUNDLE, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { parseExposition, seriesOf } from '../support/exposition-text.ts';
import { ask, type HttpQuestion, type HttpReply } from '../support/http-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { openRaw } from '../support/raw-connection.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

const memTotalBytes = (): number => {
  const kilobytes = /^MemTotal:\s+(\d+) kB$/mu.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
};

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Headers that every answer has, and a body as long as they say. */
const expectFramed = (reply: HttpReply, contentType: string): void => {
  expect(reply.headers['content-type']).toBe(contentType);
  expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(reply.text)));
  expect(reply.headers['x-content-type-options']).toBe('nosniff');
  expect(reply.headers['cache-control']).toBe('no-store');
  expect(Math.abs(Date.parse(reply.headers.date ?? '') - Date.now())).toBeLessThan(5_000);
};

/** The body holds what the schema knows, and nothing else. */
const expectDocument = <Document>(
  schema: { parse(value: unknown): Document },
  reply: HttpReply,
): Document => {
  expect(reply.status).toBe(200);
  expectFramed(reply, JSON_TYPE);
  const document = schema.parse(reply.json());
  expect(reply.json()).toStrictEqual(document);
  return document;
};

const expectRefusal = (reply: HttpReply, status: number, code: string, about: RegExp): void => {
  expect(reply.status).toBe(status);
  expectFramed(reply, JSON_TYPE);
  const { error } = errorBodySchema.parse(reply.json());
  expect(error.code).toBe(code);
  expect(error.message).toMatch(about);
};

describe.each(AGENT_BUILDS)('$name, not enrolled', (build) => {
  let agent: AgentProcess;
  const get = async (path: string, question?: HttpQuestion): Promise<HttpReply> =>
    ask(agent.address, path, question);

  beforeAll(async () => {
    agent = await startAgent({ build });
  });
  afterAll(async () => {
    expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
    expect(agent.log().map(({ message }) => message)).toStrictEqual([
      'listening',
      'started',
      'stopping',
    ]);
  });

  test('health says who and where the agent is', async () => {
    const health = expectDocument(healthSchema, await get('/health'));
    expect(health).toMatchObject({
      status: 'ok',
      version: BUNDLE.version,
      vm_id: null,
      boot_id: bootId(),
      hostname: hostname(),
      enrolled: false,
      roles: ['guest'],
    });
    expect(health.capabilities).toStrictEqual([
      'metrics',
      'info',
      'processes',
      'logs',
      'exec',
      'power',
      'rpc',
    ]);
    expect(Math.abs(health.clock.unix_ms - Date.now())).toBeLessThan(2_000);
    const [uptime = Number.NaN] = readFileSync('/proc/uptime', 'utf8').split(' ').map(Number);
    expect(uptime - (health.uptime_seconds ?? 0)).toBeLessThan(2);
  });

  test('metrics are Prometheus text that a strict reader accepts', async () => {
    const reply = await get('/metrics');
    expect(reply.status).toBe(200);
    expectFramed(reply, 'text/plain; version=0.0.4; charset=utf-8');
    const families = parseExposition(reply.text);
    for (const { name, type, help, samples } of families.values()) {
      expect(type, name).toMatch(/^(?:counter|gauge|untyped)$/u);
      expect(help, name).toMatch(/\.$/u);
      expect(samples, name).not.toHaveLength(0);
      for (const { value } of samples) expect(value, name).not.toBeNaN();
    }
    expect(families.get('node_memory_MemTotal_bytes')?.samples[0]?.value).toBe(memTotalBytes());
    expect(families.get('node_cpu_seconds_total')?.samples).toHaveLength(cpus().length * 8);
    expect(families.get('guest_agent_info')?.samples[0]?.labels).toStrictEqual({
      boot_id: bootId(),
      version: BUNDLE.version,
      vm_id: '',
    });
  });

  test('OpenMetrics has the same series under its own rules', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    const reply = await get('/metrics', { headers: { accept } });
    expect(reply.status).toBe(200);
    expectFramed(reply, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(reply.text).toMatch(/\n# EOF\n$/u);
    const open = parseExposition(reply.text);
    const plain = parseExposition((await get('/metrics?format=prometheus')).text);
    const series = (families: typeof open): string[] =>
      [...families.values()].flatMap(({ samples }) => samples.map(seriesOf)).sort();
    expect(series(open)).toStrictEqual(series(plain));
    for (const { name, type, samples } of open.values()) {
      expect(type, name).toMatch(/^(?:counter|gauge|unknown)$/u);
      const suffix = type === 'counter' ? '_total' : '';
      for (const sample of samples) expect(sample.name).toBe(name + suffix);
    }
  });

  test('a sample in JSON tells the same as the machine itself', async () => {
    const sample = expectDocument(sampleSchema, await get('/metrics?format=json'));
    expect(sample).toMatchObject({ vm_id: null, boot_id: bootId() });
    expect(sample.cpu?.count).toBe(cpus().length);
    expect(sample.memory?.total_bytes).toBe(memTotalBytes());
    expect(sample.memory_total_kb).toBe(memTotalBytes() / 1024);
    expect(Math.abs(sample.taken_at - Date.now())).toBeLessThan(2_000);
    expect(sample.networks?.map(({ device }) => device)).toContain('lo');
    expect(sample.processes.total).toBe(sample.process_count);
    for (const [name, { ok, error }] of Object.entries(sample.collectors)) {
      expect(ok, `${name}: ${error}`).toBe(true);
    }
  });

  test('a client that prefers JSON gets it without asking in the query', async () => {
    const reply = await get('/metrics', { headers: { accept: 'application/json' } });
    expectDocument(sampleSchema, reply);
  });

  test('collect[] chooses collectors by the names of node_exporter', async () => {
    const reply = await get('/metrics?collect[]=loadavg&collect%5B%5D=uname');
    const names = [...parseExposition(reply.text).keys()];
    const machine = names.filter((name) => !/^(?:guest_agent|process|node_scrape)_/u.test(name));
    expect(machine).toStrictEqual(['node_load1', 'node_load5', 'node_load15', 'node_uname_info']);
  });

  test('info describes the machine', async () => {
    const info = expectDocument(infoSchema, await get('/info'));
    expect(info).toMatchObject({
      boot_id: bootId(),
      hostname: hostname(),
      kernel: { name: 'Linux' },
      cpu: { count: cpus().length },
      memory: { total_bytes: memTotalBytes() },
    });
    const loopback = info.interfaces.find(({ device }) => device === 'lo');
    expect(loopback?.addresses).toContainEqual({
      family: 'ipv4',
      address: '127.0.0.1',
      prefix_length: 8,
    });
  });

  test('processes lists as many as were asked for, in their order', async () => {
    const list = expectDocument(processListSchema, await get('/processes?top=3&by=memory'));
    expect(list.by).toBe('memory');
    expect(list.processes).toHaveLength(3);
    const sizes = list.processes.map(({ rss_bytes }) => rss_bytes);
    expect(sizes).toStrictEqual([...sizes].sort((left, right) => right - left));
    const counted = Object.values(list.by_state).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(list.total);
  });

  test('processes shows the agent itself with its user, memory and start', async () => {
    const list = expectDocument(processListSchema, await get('/processes?top=1000'));
    const own = list.processes.find(({ pid }) => pid === agent.pid);
    expect(own).toMatchObject({ ppid: process.pid, uid: process.getuid?.() });
    expect(own?.rss_bytes).toBeGreaterThan(1024 * 1024);
    expect(Math.abs((own?.started_at ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test.each(['/health', '/metrics', '/info', '/processes', '/nowhere', '/metrics?x=1'])(
    'HEAD %s has the headers of GET and no body, and the connection stays usable',
    async (path) => {
      const raw = await openRaw(agent.address);
      raw.write(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const head = await raw.waitFor(/\r\n\r\n/u);
      raw.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const both = await raw.waitFor(/"status":"ok"[^\n]*\n/u);
      raw.destroy();
      expect(both.slice(head.length)).toMatch(/^HTTP\/1\.1 200 OK\r\n/u);
      const whole = await get(path);
      expect(head).toMatch(new RegExp(String.raw`^HTTP/1\.1 ${whole.status} `, 'u'));
      const length = Number(/content-length: (\d+)/iu.exec(head)?.[1]);
      // Numbers grow and shrink by digits between two answers; the whole of it stays.
      expect(Math.abs(length - whole.text.length)).toBeLessThan(0.02 * whole.text.length + 100);
      expect(head).toContain(`Content-Type: ${whole.headers['content-type']}`);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'BREW'])(
    'a known path answers %s with 405 and what it takes',
    async (method) => {
      const reply = await get('/health', { method });
      expectRefusal(reply, 405, 'method_not_allowed', /GET/u);
      expect(reply.headers.allow).toBe('GET, HEAD');
    },
  );

  test.each([
    ['/metrics?format=xml', /format.*prometheus, openmetrics or json/u],
    ['/metrics?collect[]=nonsense', /"nonsense".*loadavg/u],
    ['/metrics?format=json&collect[]=cpu', /collect\[\]/u],
    ['/metrics?colect[]=cpu', /"colect\[\]".*collect\[\]/u],
    ['/health?verbose=1', /"verbose".*no parameters/u],
    ['/info?x', /"x"/u],
    ['/processes?top=0', /top.*1 to 1000/u],
    ['/processes?top=1001', /top.*1 to 1000/u],
    ['/processes?top=many', /top.*1 to 1000/u],
    ['/processes?by=name', /cpu, memory or io/u],
  ])('%s is refused with 422 and a sentence about it', async (path, about) => {
    expectRefusal(await get(path), 422, 'invalid', about);
  });

  test.each(['/', '/nowhere', '/exec', '/logs', '/metrics/', '/HEALTH', '/%2e%2e/etc/passwd'])(
    '%s is refused before enrolment, without saying whether it exists',
    async (path) => {
      expectRefusal(await get(path), 403, 'not_enrolled', /not enrolled/u);
    },
  );

  test.each([
    ['a request that is no HTTP', '\u0007\u0003\u0001 hello\r\n\r\n', 'malformed_request'],
    ['TLS, to an agent that has no key for it,', '\u0016\u0003\u0001 hello\r\n\r\n', 'no_tls'],
  ])('%s gets 400 and the end of the connection', async (_name, bytes, code) => {
    const raw = await openRaw(agent.address);
    raw.write(bytes);
    const answer = await raw.closed();
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/u);
    expect(answer).toContain('Connection: close');
    const [, body = ''] = answer.split('\r\n\r\n');
    expect(errorBodySchema.parse(JSON.parse(body)).error.code).toBe(code);
  });
});

describe.each(AGENT_BUILDS)('$name, enrolled', (build) => {
  const manager = makeManagerKey();
  const token = manager.sign({ aud: 'vm-1', scope: 'metrics', exp: secondsFromNow(60) });
  let agent: AgentProcess;

  beforeAll(async () => {
    agent = await startAgent({
      build,
      config: { vm_id: 'vm-1', manager_keys: [manager.publicKey], manager_url: 'http://m:8080' },
    });
  });
  afterAll(async () => {
    expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
  });

  test('every document carries the id of the VM', async () => {
    const headers = bearer(token);
    const health = expectDocument(healthSchema, await ask(agent.address, '/health'));
    expect(health).toMatchObject({ vm_id: 'vm-1', enrolled: true });
    const info = expectDocument(infoSchema, await ask(agent.address, '/info', { headers }));
    expect(info).toMatchObject({ vm_id: 'vm-1', agent: { manager_url: 'http://m:8080' } });
    const sample = await ask(agent.address, '/metrics?format=json', { headers });
    expect(expectDocument(sampleSchema, sample).vm_id).toBe('vm-1');
    const metrics = parseExposition((await ask(agent.address, '/metrics')).text);
    expect(metrics.get('guest_agent_info')?.samples[0]?.labels).toMatchObject({ vm_id: 'vm-1' });
  });

  test('a path that there is not is 404 for who has a token, and names those there are', async () => {
    const reply = await ask(agent.address, '/nowhere', { headers: bearer(token) });
    expectRefusal(reply, 404, 'not_found', /"\/nowhere".*\/health.*\/metrics/u);
  });
});
