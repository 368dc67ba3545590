/** A real Prometheus scrapes a real manager, learns the guests from it, and scrapes those. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BUNDLE, bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { debianBinary } from '../support/debian-package.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { createToken, createVm, untilReading } from '../support/manager-questions.ts';
import { orSkip, type Obtained } from '../support/obtained.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort, startService, type Service } from '../support/service-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const FETCH_MS = 5 * 60_000;
/** Prometheus takes up targets every five seconds; those that miss the first time wait for the next. */
const DISCOVERY_MS = 14_000;

const answerSchema = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

describe('Prometheus', () => {
  let obtained: Obtained;
  let testDatabase: TestDatabase;
  let manager: ManagerProcess;
  let agent: AgentProcess;
  let prometheus: Service | undefined;
  let address: HttpAddress;
  const folder = mkdtempSync(join(tmpdir(), 'manager-prometheus-'));

  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, 0o600);
    return path;
  };

  beforeAll(async () => {
    obtained = await debianBinary({ package: 'prometheus', path: 'usr/bin/prometheus' });
    testDatabase = await createTestDatabase();
    const args = ['--local-agent', BUNDLE.path];
    manager = await startManager({ databaseUrl: testDatabase.url, args });
    agent = await startAgent({
      build: bundleOn(process.execPath),
      args: ['--listen', '127.0.0.51:0'],
    });
    const place = { guest_ip: '127.0.0.51', agent_port: agent.port, labels: { app: 'shop' } };
    const vm = await createVm(manager, { name: 'web', ...place });
    await createVm(manager, { name: 'dead', guest_ip: '127.0.0.52', agent_port: 9 });
    await createVm(manager, { name: 'without address' });
    await untilReading(manager, vm.id, 'the guest answers', ({ origin }) => origin === 'guest');
    if (!obtained.ok) return;

    const file = write('token', `${await createToken(manager, { name: 'prometheus' })}\n`);
    const scoped = write('scoped', await createToken(manager, { scope: 'app=shop' }));
    // Older ones do not know the default of `type` in a discovery: 2.42 sends the bare token there.
    const authorization = { type: 'Bearer', credentials_file: file };
    const target = `${manager.host}:${manager.port}`;
    const port = await freePort();
    address = { host: '127.0.0.1', port };
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        { job_name: 'manager', authorization, static_configs: [{ targets: [target] }] },
        { job_name: 'nobody', static_configs: [{ targets: [target] }] },
        {
          job_name: 'scoped',
          authorization: { credentials_file: scoped },
          static_configs: [{ targets: [target] }],
        },
        {
          job_name: 'guests',
          http_sd_configs: [
            { url: `${manager.url}/v1/sd/prometheus`, authorization, refresh_interval: '1s' },
          ],
          relabel_configs: [
            { source_labels: ['__meta_innkeeper_vm_name'], target_label: 'vm' },
            { source_labels: ['__meta_innkeeper_label_app'], target_label: 'app' },
          ],
        },
      ],
    };
    prometheus = await startService({
      command: [
        obtained.path,
        // YAML is a superset of JSON.
        `--config.file=${write('prometheus.yml', JSON.stringify(config))}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      isReady: async () => (await ask(address, '/-/ready')).status === 200,
    });
  }, FETCH_MS);
  afterAll(async () => {
    await Promise.all([prometheus?.stop(), agent.stop(), manager.stop()]);
    await testDatabase.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach((context) => {
    orSkip(context, 'prometheus', obtained);
  });

  /** Value by the given label. */
  const query = async (promql: string, by: string): Promise<Readonly<Record<string, number>>> => {
    const reply = await ask(address, `/api/v1/query?query=${encodeURIComponent(promql)}`);
    const { result } = answerSchema.parse(reply.json()).data;
    return Object.fromEntries(
      result.map(({ metric, value }): [string, number] => [metric[by] ?? '', Number(value[1])]),
    );
  };
  const until = async (promql: string, by: string, expected: Readonly<Record<string, number>>) => {
    let last: Readonly<Record<string, number>> = {};
    await waitUntil(
      promql,
      async () => {
        last = await query(promql, by);
        return isDeepStrictEqual(last, expected);
      },
      DISCOVERY_MS,
    ).catch((error: unknown) => {
      const said = `${JSON.stringify(last)}; Prometheus said: ${prometheus?.output()}`;
      throw new Error(`${promql}: ${said}`, { cause: error });
    });
  };

  test('scrapes the manager with a token from a file, and not without', async () => {
    await until('up{job!="guests"}', 'job', { manager: 1, scoped: 1, nobody: 0 });
    const memory = await query('innkeeper_vm_memory_size_bytes{job="manager"}', 'vm');
    // Of whom nothing is known there is no value, and no zero either.
    expect(Object.keys(memory).toSorted()).toStrictEqual(['this-machine', 'web']);
    const scoped = await query('innkeeper_vm_memory_size_bytes{job="scoped"}', 'vm');
    expect(Object.keys(scoped)).toStrictEqual(['web']);
  });

  test('learns the guests from the manager, and scrapes them', async () => {
    await until('up{job="guests"}', 'vm', { 'this-machine': 1, web: 1, dead: 0 });
    // What a guest says of itself is what the manager says of it.
    const own = await query('node_memory_MemTotal_bytes{job="guests"}', 'vm');
    const merged = await query('innkeeper_vm_memory_size_bytes{job="manager"}', 'vm');
    expect(merged).toStrictEqual(own);
    expect(Object.keys(await query('node_load1{app="shop"}', 'vm'))).toStrictEqual(['web']);
  });

  test('sees a VM that comes and one that goes', async () => {
    const place = { guest_ip: '127.0.0.51', agent_port: agent.port };
    const held = z.object({ items: z.array(z.looseObject({ id: z.string(), name: z.string() })) });
    const { items } = held.parse((await manager.ask('/v1/vms')).json());
    const web = items.find(({ name }) => name === 'web');
    await manager.ask(`/v1/vms/${web?.id}`, { method: 'DELETE' });
    await createVm(manager, { name: 'next', ...place });
    await until('up{job="guests"}', 'vm', { 'this-machine': 1, next: 1, dead: 0 });
    expect(Object.keys(await query('node_load1{job="guests"}', 'vm'))).toContain('next');
  });
});
