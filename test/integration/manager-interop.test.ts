/** The real Prometheus and its linter, on the metrics of the manager. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeManagerMetrics } from '../../apps/manager/src/interop/manager-metrics.ts';
import { metricsRoutes } from '../../apps/manager/src/interop/metrics-routes.ts';
import { serviceDiscoveryRoutes } from '../../apps/manager/src/interop/service-discovery-routes.ts';
import { makeMetricSources } from '../../apps/manager/src/interop/testing/metric-sources.ts';
import {
  makeFakeReadings,
  makeFakeVms,
  makeVm,
  vmId,
} from '../../apps/manager/src/push/testing/fake-fleet.ts';
import { makeFakeAuthenticator } from '../../apps/manager/src/push/testing/push-server.ts';
import { debianBinary } from '../support/debian-package.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { serveApp, type ServedApp } from '../support/http-served-app.ts';
import { orSkip, type Obtained } from '../support/obtained.ts';
import { freePort, startService, type Service } from '../support/service-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const FETCH_MS = 5 * 60_000;
/** Prometheus takes up targets every five seconds. */
const DISCOVERY_MS = 14_000;
const NAME = 'web "1" \\ \u{1f680}';

const queryAnswer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

/** Stands for the guests' agents, on IPv4 and IPv6. */
const startGuest = async (host: string): Promise<{ server: Server; port: number }> => {
  const server = createServer((_request, response) => {
    response.end('# TYPE guest_of_test gauge\nguest_of_test 1\n');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
};

describe('Prometheus', () => {
  let promtool: Obtained;
  let prometheus: Obtained;
  let app: ServedApp;
  let running: Service | undefined;
  let address: HttpAddress;
  const guests: Server[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'manager-interop-'));

  beforeAll(async () => {
    promtool = await debianBinary({ package: 'prometheus', path: 'usr/bin/promtool' });
    prometheus = await debianBinary({ package: 'prometheus', path: 'usr/bin/prometheus' });
    const [one, other] = [await startGuest('127.0.0.1'), await startGuest('::1')];
    guests.push(one.server, other.server);
    const authenticator = makeFakeAuthenticator();
    authenticator.allow('prometheus');
    const metrics = makeManagerMetrics(makeMetricSources());
    metrics.observeRequest({ method: 'GET', route: '/metrics', status: 200, seconds: 0.01 });
    const dependencies = {
      metrics,
      vms: makeFakeVms([
        makeVm(1, {
          name: NAME,
          guestIp: '127.0.0.1',
          agentPort: one.port,
          labels: { 'app.kubernetes.io/name': 'shop' },
        }),
        makeVm(2, { guestIp: '::1', agentPort: other.port }),
        makeVm(3, { guestIp: undefined }),
      ]),
      readings: makeFakeReadings(),
      hosts: { get: () => undefined },
    };
    const listCertificates = async () => [];
    const routes = [
      ...metricsRoutes(dependencies),
      ...serviceDiscoveryRoutes({ ...dependencies, listCertificates }),
    ];
    app = await serveApp({ routes, authenticator });
    if (!prometheus.ok) return;
    const authorization = { credentials: 'prometheus' };
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        {
          job_name: 'manager',
          authorization,
          static_configs: [{ targets: [`127.0.0.1:${app.port}`] }],
        },
        {
          job_name: 'manager-with-parameters',
          authorization,
          params: { any: ['thing'] },
          static_configs: [{ targets: [`127.0.0.1:${app.port}`] }],
        },
        {
          job_name: 'guests',
          http_sd_configs: [
            {
              url: `http://127.0.0.1:${app.port}/v1/sd/prometheus`,
              refresh_interval: '1s',
              authorization,
            },
          ],
          relabel_configs: [
            { source_labels: ['__meta_innkeeper_vm_name'], target_label: 'vm' },
            {
              source_labels: ['__meta_innkeeper_label_app_kubernetes_io_name'],
              target_label: 'app',
            },
          ],
        },
      ],
    };
    // YAML is a superset of JSON.
    const configPath = join(folder, 'prometheus.yml');
    writeFileSync(configPath, JSON.stringify(config));
    const port = await freePort();
    address = { host: '127.0.0.1', port };
    running = await startService({
      command: [
        prometheus.path,
        `--config.file=${configPath}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      isReady: async () => (await ask(address, '/-/ready')).status === 200,
    });
  }, FETCH_MS);
  afterAll(async () => {
    await running?.stop();
    await app.stop();
    for (const server of guests) {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const query = async (
    promql: string,
  ): Promise<readonly { metric: Record<string, string>; value: number }[]> => {
    const reply = await ask(address, `/api/v1/query?query=${encodeURIComponent(promql)}`);
    const { result } = queryAnswer.parse(reply.json()).data;
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };

  test('has nothing to complain of the names, by its linter', async (context) => {
    const { path } = orSkip(context, 'promtool', promtool);
    const { text } = await app.ask('/metrics', { token: 'prometheus' });
    const { stdout, stderr } = spawnSync(path, ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    // What prom-client says of Node has the names that its dashboards know.
    const complaints = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line !== '' && !/^(?:nodejs|process)_/u.test(line));
    expect(complaints).toStrictEqual([]);
  });

  test('scrapes the manager, and takes every sample', async (context) => {
    orSkip(context, 'prometheus', prometheus);
    await waitUntil(
      'the manager was scraped',
      async () => (await query('up{job=~"manager.*"} == 1')).length === 2,
      DISCOVERY_MS,
    );
    const [cpu] = await query(`innkeeper_vm_cpu_usage_ratio{job="manager",vm_id="${vmId(1)}"}`);
    expect(cpu?.metric['vm']).toBe(NAME);
    expect(cpu?.value).toBe(0.125);
    const [pulls] = await query('sum(innkeeper_pulls_total{job="manager"})');
    expect(pulls?.value).toBe(204);
    const [late] = await query(
      'histogram_quantile(0.5, innkeeper_pull_lateness_seconds_bucket{job="manager",agent="guest"})',
    );
    expect(late?.value).toBeGreaterThan(0);
    const [state] = await query(`innkeeper_vm_state{job="manager",vm_id="${vmId(1)}"} == 1`);
    expect(state?.metric['state']).toBe('up');
    expect(
      await query('scrape_samples_scraped - scrape_samples_post_metric_relabeling > 0'),
    ).toStrictEqual([]);
  });

  test('finds the guests through the service discovery, and scrapes them', async (context) => {
    orSkip(context, 'prometheus', prometheus);
    await waitUntil(
      'both guests were scraped',
      async () => (await query('guest_of_test{job="guests"}')).length === 2,
      DISCOVERY_MS,
    );
    const found = await query('up{job="guests"}');
    expect(new Set(found.map(({ metric }) => metric['vm']))).toStrictEqual(new Set(['vm-2', NAME]));
    expect(found.find(({ metric }) => metric['vm'] === NAME)?.metric['app']).toBe('shop');
    for (const { value } of found) expect(value).toBe(1);
  });
});
