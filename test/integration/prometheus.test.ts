/** The real Prometheus and its linter, on what the agent exposes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { debianBinary } from '../support/debian-package.ts';
import { parseExposition } from '../support/exposition-text.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { obtainNodeExporter, startNodeExporter } from '../support/node-exporter.ts';
import { orSkip, type Obtained } from '../support/obtained.ts';
import { freePort, startService, type Service } from '../support/service-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { ADDED_FAMILIES } from './node-exporter/differences.ts';
import { matches } from './node-exporter/families.ts';

const FETCH_MS = 5 * 60_000;
/** Prometheus takes up targets every five seconds; those that miss the first time wait for the next. */
const DISCOVERY_MS = 14_000;
const TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600;

const obtain = async (program: 'prometheus' | 'promtool'): Promise<Obtained> =>
  debianBinary({ package: 'prometheus', path: `usr/bin/${program}` });

describe.each(AGENT_BUILDS)('promtool check metrics: $name', (build) => {
  let promtool: Obtained;
  let exporter: Obtained;
  let service: Awaited<ReturnType<typeof startNodeExporter>> | undefined;
  let agent: AgentProcess;

  beforeAll(async () => {
    promtool = await obtain('promtool');
    exporter = await obtainNodeExporter();
    agent = await startAgent({ build });
    if (exporter.ok) service = await startNodeExporter(exporter.path);
  }, FETCH_MS);
  afterAll(async () => {
    await Promise.all([agent.stop(), service?.stop()]);
  });

  /** Its complaints, one a line: a metric name and a sentence. */
  const lint = async (promtoolPath: string, address: HttpAddress): Promise<readonly string[]> => {
    const { text } = await ask(address, '/metrics');
    const { error, status, stderr, stdout } = spawnSync(promtoolPath, ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    // 3 is its code for style; anything else says that it could not read the text.
    expect(status, complaints.join('\n')).toBe(complaints.length === 0 ? 0 : 3);
    return complaints;
  };

  test('complains of nothing but the names that node_exporter has given', async (context) => {
    const { path } = orSkip(context, 'promtool', promtool);
    orSkip(context, 'node_exporter', exporter);
    const accepted = new Set(service === undefined ? [] : await lint(path, service.address));
    expect(accepted.size).toBeGreaterThan(0);
    const complaints = await lint(path, agent.address);
    const unexpected = complaints.filter(
      (line) =>
        !accepted.has(line) &&
        !ADDED_FAMILIES.some(({ names }) =>
          names.some((pattern) => matches(pattern, line.split(' ')[0] ?? '')),
        ),
    );
    expect(unexpected).toStrictEqual([]);
    expect(complaints.filter((line) => /^(?:guest_agent|process)_/u.test(line))).toStrictEqual([]);
  });
});

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels: z.object({ job: z.string() }),
        health: z.string(),
        lastError: z.string(),
      }),
    ),
  }),
});

const metadataSchema = z.object({
  data: z.record(z.string(), z.array(z.object({ type: z.string(), help: z.string() }))),
});

describe.each(AGENT_BUILDS)('a real Prometheus: $name', (build) => {
  const manager = makeManagerKey();
  const token = manager.sign({
    aud: 'vm-1',
    scope: 'metrics',
    exp: secondsFromNow(TEN_YEARS_SECONDS),
  });
  /** Seen from there the agent has a remote peer, where the machine has such an address at all. */
  const ownAddress = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

  let obtained: Obtained;
  let open: AgentProcess;
  let enrolled: AgentProcess;
  let prometheus: Service | undefined;
  let address: HttpAddress;
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));

  const job = (name: string, target: string, more: Readonly<Record<string, unknown>>): unknown => ({
    job_name: name,
    static_configs: [{ targets: [target] }],
    ...more,
  });

  beforeAll(async () => {
    obtained = await obtain('prometheus');
    open = await startAgent({ build });
    enrolled = await startAgent({
      build,
      args: ['--listen', '0.0.0.0:0'],
      config: { vm_id: 'vm-1', manager_keys: [manager.publicKey] },
    });
    if (!obtained.ok) return;
    const remote = `${ownAddress ?? '127.0.0.1'}:${enrolled.port}`;
    const local = `127.0.0.1:${open.port}`;
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        job('negotiated', local, {}),
        job('text', local, { params: { format: ['prometheus'] } }),
        job('openmetrics', local, { params: { format: ['openmetrics'] } }),
        job('collected', local, { params: { 'collect[]': ['cpu', 'loadavg'] } }),
        job('token', remote, { authorization: { credentials: token } }),
        job('no-token', remote, {}),
        job('wrong-token', remote, { authorization: { credentials: `${token}x` } }),
      ],
    };
    // YAML is a superset of JSON.
    const configPath = join(folder, 'prometheus.yml');
    writeFileSync(configPath, JSON.stringify(config));
    const port = await freePort();
    address = { host: '127.0.0.1', port };
    prometheus = await startService({
      command: [
        obtained.path,
        `--config.file=${configPath}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      isReady: async () => (await ask(address, '/-/ready')).status === 200,
    });
  }, FETCH_MS);
  afterAll(async () => {
    await Promise.all([open.stop(), enrolled.stop(), prometheus?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach((context) => {
    orSkip(context, 'prometheus', obtained);
  });

  /** Value by the given label. */
  const query = async (promql: string, by = 'job'): Promise<Readonly<Record<string, number>>> => {
    const reply = await ask(address, `/api/v1/query?query=${encodeURIComponent(promql)}`);
    const { result } = answerSchema.parse(reply.json()).data;
    return Object.fromEntries(
      result.map(({ metric, value }): [string, number] => [metric[by] ?? '', Number(value[1])]),
    );
  };

  const JOBS = ['negotiated', 'text', 'openmetrics', 'collected', 'token'];

  test('scrapes the agent in each format, and with a token that lives for years', async () => {
    await waitUntil(
      'each target was scraped',
      async () => Object.keys(await query('up')).length === JOBS.length + 2,
      DISCOVERY_MS,
    );
    const up = await query('up');
    for (const name of JOBS) expect(up[name], name).toBe(1);
  });

  test('is refused without a token, or with a wrong one', async (context) => {
    if (ownAddress === undefined) context.skip('this machine has no address but loopback');
    const { activeTargets } = targetsSchema.parse(
      (await ask(address, '/api/v1/targets')).json(),
    ).data;
    for (const name of ['no-token', 'wrong-token']) {
      const target = activeTargets.find(({ labels }) => labels.job === name);
      expect(target?.health, name).toBe('down');
      expect(target?.lastError, name).toContain('401');
    }
  });

  test('takes as many samples as the agent writes', async () => {
    const countSamples = async (format: string): Promise<number> => {
      const { text } = await ask(open.address, `/metrics?format=${format}`);
      const families = parseExposition(text);
      return [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);
    };
    // A state of processes or a neighbour may come or go, hence not at the first look.
    for (const [name, format] of [
      ['text', 'prometheus'],
      ['openmetrics', 'openmetrics'],
      ['negotiated', 'openmetrics'],
    ] as const) {
      await waitUntil(`as many samples in ${format}`, async () => {
        const taken = await query('scrape_samples_scraped');
        return taken[name] === (await countSamples(format));
      });
    }
    const lost = await query('scrape_samples_scraped - scrape_samples_post_metric_relabeling');
    for (const name of JOBS) expect(lost[name], name).toBe(0);
  });

  test('knows the type and the help of every family', async () => {
    const { data } = metadataSchema.parse((await ask(address, '/api/v1/metadata')).json());
    expect(data['node_memory_MemTotal_bytes']).toContainEqual({
      type: 'gauge',
      help: 'MemTotal of /proc/meminfo.',
    });
    const text = parseExposition((await ask(open.address, '/metrics?format=prometheus')).text);
    for (const { name, type, help } of text.values()) {
      const known = data[name] ?? data[name.replace(/_total$/u, '')];
      const said = type === 'untyped' ? 'unknown' : type;
      expect(known, name).toContainEqual({ type: said, help });
    }
  });

  test('computes with rate() that each CPU has one second a second', async () => {
    const window = 'node_cpu_seconds_total{job="negotiated"}[8s]';
    const promql = `sum by (cpu) (rate(${window}))`;
    const count = parseExposition((await ask(open.address, '/metrics')).text)
      .get('node_cpu_seconds_total')
      ?.samples.filter(({ labels }) => labels['mode'] === 'idle').length;
    await waitUntil(
      'there are samples for the whole window',
      async () => {
        const counts = await query(`min(count_over_time(${window}))`);
        return Object.values(counts).some((samples) => samples >= 8);
      },
      DISCOVERY_MS,
    );
    const rates = Object.values(await query(promql, 'cpu'));
    expect(rates).toHaveLength(count ?? 0);
    for (const rate of rates) expect(Math.abs(rate - 1)).toBeLessThan(0.15);
  });
});
