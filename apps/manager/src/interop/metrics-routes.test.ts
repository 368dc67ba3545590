/** GET /metrics and GET /v1/sd/prometheus over real HTTP, as actors of each kind see them. */
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseExposition, type ExposedSample } from '../../../../test/support/exposition-text.ts';
import { serveApp, type ServedApp } from '../../../../test/support/http-served-app.ts';
import { makeTlsKey, type TlsKey } from '../../../../test/support/tls-key.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { Actor } from '../auth/actor.ts';
import type { AnyRoute, Answer } from '../http/route.ts';
import {
  makeFakeReadings,
  makeFakeVms,
  makeReading,
  makeVm,
  vmId,
  type FakeReadings,
} from '../push/testing/fake-fleet.ts';
import { makeFakeAuthenticator } from '../push/testing/push-server.ts';
import { makeManagerMetrics, type ManagerMetrics } from './manager-metrics.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { serviceDiscoveryRoutes } from './service-discovery-routes.ts';
import { targetGroupsSchema } from './service-discovery.ts';
import type { ToldCertificate } from './sql/list-agent-certificates.ts';
import { makeMetricSources } from './testing/metric-sources.ts';

const HOST = '11111111-1111-4111-8111-111111111111';
const NAME = 'a "quoted" \\ name';
/** Of the agents of VMs 1 and 2. */
const [ofFirst, ofSecond, ofNobody] = [makeTlsKey(), makeTlsKey(), makeTlsKey()];
const certificateOf = ({ certificate }: TlsKey): string => certificate.toString('base64url');
let told: readonly ToldCertificate[] = [];
const vms = [
  makeVm(1, { name: NAME, hostId: HOST, labels: { env: 'prod', 'a.b': 'x' }, tlsPin: ofFirst.pin }),
  makeVm(2, { labels: { app: 'web' }, guestIp: 'fd00::5', tlsPin: ofSecond.pin }),
  makeVm(3, { guestIp: undefined }),
];

let app: ServedApp;
let metrics: ManagerMetrics;
let readings: FakeReadings;
let made = 0;
let gate: Promise<void>;
let routes: readonly AnyRoute[];
let actors: Readonly<Record<'all' | 'web', Actor>>;

beforeEach(async () => {
  metrics = makeManagerMetrics(makeMetricSources());
  readings = makeFakeReadings();
  made = 0;
  gate = Promise.resolve();
  const authenticator = makeFakeAuthenticator();
  actors = {
    all: authenticator.allow('all'),
    web: authenticator.allow('web', { scope: 'app=web' }),
  };
  authenticator.allow('nothing', { scope: 'app=none' });
  const dependencies = {
    metrics: {
      text: async () => {
        made += 1;
        await gate;
        return metrics.text();
      },
    },
    vms: makeFakeVms(vms),
    readings,
    hosts: { get: (id: string) => (id === HOST ? { name: 'hypervisor-1' } : undefined) },
  };
  routes = [
    ...metricsRoutes(dependencies),
    ...serviceDiscoveryRoutes({ ...dependencies, listCertificates: async () => told }),
  ];
  app = await serveApp({ routes, authenticator });
});
afterEach(async () => {
  await app.stop();
});

const scrape = async (
  token: string,
  accept?: string,
): Promise<ReturnType<typeof parseExposition>> => {
  const headers = accept === undefined ? {} : { accept };
  const { status, text } = await app.ask('/metrics', { token, headers });
  expect(status, text).toBe(200);
  return parseExposition(text);
};

const valuesOf = (
  families: ReturnType<typeof parseExposition>,
  name: string,
): readonly (readonly [ExposedSample['labels'], number])[] =>
  (families.get(name)?.samples ?? []).map(({ labels, value }) => [labels, value]);

describe('GET /metrics', () => {
  test('has the merged readings of each VM in base units', async () => {
    const families = await scrape('all');
    const first = { vm_id: vmId(1), vm: NAME, host: 'hypervisor-1' };
    expect(valuesOf(families, 'innkeeper_vm_cpu_usage_ratio')[0]).toStrictEqual([first, 0.125]);
    expect(valuesOf(families, 'innkeeper_vm_memory_used_bytes')[1]).toStrictEqual([
      { vm_id: vmId(2), vm: 'vm-2' },
      1_073_741_824,
    ]);
    expect(valuesOf(families, 'innkeeper_vm_info')[0]).toStrictEqual([
      { ...first, label_a_b: 'x', label_env: 'prod' },
      1,
    ]);
    const states = valuesOf(families, 'innkeeper_vm_state').filter(
      ([{ vm_id: id }]) => id === vmId(2),
    );
    expect(states.map(([{ state }, value]) => [state, value])).toStrictEqual([
      ['up', 1],
      ['degraded', 0],
      ['stale', 0],
      ['down', 0],
      ['unknown', 0],
    ]);
  });

  test('leaves out what is unknown', async () => {
    const vm = makeVm(2);
    readings.push(
      vm,
      makeReading(vm, { cpu_usage_percent: null, agent_seen_at: null, load1: Number.NaN }),
    );
    const families = await scrape('all');
    for (const name of ['cpu_usage_ratio', 'agent_last_seen_timestamp_seconds', 'load1']) {
      const seen = valuesOf(families, `innkeeper_vm_${name}`).map(([{ vm_id: id }]) => id);
      expect(seen, name).toStrictEqual([vmId(1), vmId(3)]);
    }
  });

  test("has the manager's own metrics, and those of the process", async () => {
    metrics.observeRequest({ method: 'GET', route: '/v1/vms/:id', status: 204, seconds: 0.02 });
    metrics.observeRequest({ method: 'BREW', route: undefined, status: undefined, seconds: 1 });
    const families = await scrape('all');
    expect(valuesOf(families, 'innkeeper_pulls_total')).toContainEqual([
      { agent: 'guest', outcome: 'timeout' },
      2,
    ]);
    expect(families.get('innkeeper_pull_lateness_seconds')?.type).toBe('histogram');
    expect(valuesOf(families, 'innkeeper_agent_connections')).toContainEqual([{ way: 'tcp' }, 2]);
    expect(valuesOf(families, 'innkeeper_agent_reconnects_total')).toContainEqual([
      { way: 'tcp' },
      1,
    ]);
    expect(valuesOf(families, 'innkeeper_virtio_unanswered_calls_total')).toStrictEqual([[{}, 2]]);
    expect(valuesOf(families, 'innkeeper_store_rows_dropped_total')).toContainEqual([
      { reason: 'overflow' },
      2,
    ]);
    expect(valuesOf(families, 'innkeeper_rollup_lag_seconds')).toStrictEqual([
      [{ tier: '10s' }, 5],
    ]);
    expect(valuesOf(families, 'innkeeper_push_connections')).toStrictEqual([[{}, 2]]);
    expect(valuesOf(families, 'innkeeper_database_up')).toStrictEqual([[{}, 1]]);
    expect(valuesOf(families, 'innkeeper_http_requests_total')).toStrictEqual([
      [{ method: 'GET', route: '/v1/vms/:id', status: '2xx' }, 1],
      [{ method: 'other', route: 'none', status: 'abandoned' }, 1],
    ]);
    expect(families.has('process_cpu_seconds_total')).toBe(true);
  });

  test('shows those with a scope only their VMs, and nothing of the manager or of hosts', async () => {
    const families = await scrape('web');
    expect([...families.keys()].filter((name) => !name.startsWith('innkeeper_vm_'))).toStrictEqual(
      [],
    );
    for (const { samples } of families.values()) {
      for (const { labels } of samples) expect(labels['vm_id']).toBe(vmId(2));
    }
    const none = await scrape('nothing');
    expect([...none.values()].flatMap(({ samples }) => samples)).toStrictEqual([]);
    expect(made).toBe(0);
  });

  test('leaves out the VMs for those who do not want them', async () => {
    const { text } = await app.ask('/metrics?vms=false', { token: 'all' });
    const families = parseExposition(text);
    expect(valuesOf(families, 'innkeeper_push_connections')).toStrictEqual([[{}, 2]]);
    const samples = [...families.values()].flatMap((family) => family.samples);
    expect(samples.filter(({ labels }) => 'vm_id' in labels)).toStrictEqual([]);
    expect((await app.ask('/metrics?vms=no', { token: 'all' })).status).toBe(422);
    const all = await app.ask('/metrics?vms=true&module=x', { token: 'all' });
    expect(valuesOf(parseExposition(all.text), 'innkeeper_vm_info')).toHaveLength(3);
  });

  test('is OpenMetrics for those who ask for it, with the same samples', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
    const { text, headers } = await app.ask('/metrics', { token: 'all', headers: { accept } });
    expect(headers['content-type']).toContain('application/openmetrics-text; version=1.0.0');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    const open = parseExposition(text);
    const plain = await scrape('all');
    expect(open.has('innkeeper_pulls')).toBe(true);
    // Once more: the other format is what it was before.
    expect(plain.has('innkeeper_pulls_total')).toBe(true);
    const count = (families: typeof plain): number =>
      [...families]
        .filter(([name]) => name.startsWith('innkeeper_'))
        .reduce((sum, [, { samples }]) => sum + samples.length, 0);
    expect(count(open)).toBe(count(plain));
  });

  test('is made once for those who ask at the same time and may see the same', async () => {
    const [route] = routes;
    const askAs = async (actor: Actor): Promise<Answer | undefined> =>
      route?.answer({
        actor,
        params: {},
        query: {},
        readBody: async () => Promise.resolve({ ok: true, body: {} }),
        header: () => undefined,
        signal: AbortSignal.timeout(10_000),
        requestId: 'r',
        remoteAddress: '127.0.0.1',
        findVm: () => undefined,
      });
    let release: () => void = () => {};
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const { all, web } = actors;
    const admin: Actor = { ...all, role: 'admin' };
    const same = [askAs(all), askAs(all), askAs({ ...all, id: 'somebody else' })];
    const another = askAs(admin);
    await waitUntil('both have begun', () => made === 2);
    const tooMany = await askAs(web);
    expect(tooMany).toMatchObject({ ok: false, problem: { status: 503, code: 'busy' } });
    release();
    const [first, ...rest] = await Promise.all(same);
    expect(rest).toStrictEqual([first, first]);
    expect(await another).toMatchObject({ ok: true });
    expect(made).toBe(2);
    // What came of it is not kept.
    await askAs(all);
    expect(made).toBe(3);
  });

  test('is refused to strangers', async () => {
    expect((await app.ask('/metrics')).status).toBe(401);
    expect((await app.ask('/v1/sd/prometheus')).status).toBe(401);
  });
});

describe('GET /v1/sd/prometheus', () => {
  test('lists the agents of the VMs that one may see', async () => {
    const reply = await app.ask('/v1/sd/prometheus', { token: 'all' });
    expect(reply.headers['content-type']).toBe('application/json');
    const groups = targetGroupsSchema.parse(reply.json());
    expect(groups.map(({ targets }) => targets)).toStrictEqual([
      ['10.0.0.1:8080'],
      ['[fd00::5]:8080'],
    ]);
    expect(groups[0]?.labels['__meta_innkeeper_host']).toBe('hypervisor-1');
    const own = await app.ask('/v1/sd/prometheus', { token: 'web' });
    expect(targetGroupsSchema.parse(own.json()).flatMap(({ targets }) => targets)).toStrictEqual([
      '[fd00::5]:8080',
    ]);
  });
});

/**
 * The same as one that may sign others, three bytes longer, as is all that holds it. Nobody looks at
 * its own signature.
 */
const authorityOf = ({ certificate }: TlsKey): Buffer => {
  const hex = certificate.toString('hex');
  const longer = (length: string): string => (Number.parseInt(length, 16) + 3).toString(16);
  const changed = hex
    .replace('300c0603551d130101ff04023000', '300f0603551d130101ff040530030101ff')
    .replace('0603551d0f0101ff040403020780', '0603551d0f0101ff040403020284')
    .replace(/a3(..)30(..)(?=300f0603551d13)/u, (_, all: string, list: string) => {
      return `a3${longer(all)}30${longer(list)}`;
    })
    .replace(/^3082(....)3082(....)/u, (_, all: string, content: string) => {
      return `3082${longer(all).padStart(4, '0')}3082${longer(content).padStart(4, '0')}`;
    });
  const authority = Buffer.from(changed, 'hex');
  if (!new X509Certificate(authority).ca) throw new Error('not made');
  return authority;
};

describe('GET /v1/sd/prometheus/agents.pem', () => {
  const pemOf = async (token: string): Promise<string> => {
    const reply = await app.ask('/v1/sd/prometheus/agents.pem', { token });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/pem-certificate-chain');
    return reply.text;
  };

  test('has the certificates of the agents that one may see', async () => {
    told = [
      { vmId: vmId(1), certificate: certificateOf(ofFirst) },
      { vmId: vmId(2), certificate: certificateOf(ofSecond) },
    ];
    expect(await pemOf('all')).toBe(ofFirst.pem.cert + ofSecond.pem.cert);
    expect(await pemOf('web')).toBe(ofSecond.pem.cert);
    expect(await pemOf('nothing')).toBe('');
    expect((await app.ask('/v1/sd/prometheus/agents.pem')).status).toBe(401);
  });

  test("has none that is not of the VM's own key, is damaged, or could sign others", async () => {
    const damaged = ofFirst.certificate.subarray(0, 200).toString('base64url');
    for (const certificate of [
      certificateOf(ofNobody),
      certificateOf(ofSecond),
      damaged,
      '',
      'AAAA',
      authorityOf(ofFirst).toString('base64url'),
    ]) {
      told = [{ vmId: vmId(1), certificate }];
      expect(await pemOf('all')).toBe('');
    }
  });
});
