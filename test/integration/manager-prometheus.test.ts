/** A real Prometheus scrapes a real manager, learns the guests from it, and scrapes those. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  BUNDLE,
  bundleOn,
  startAgent,
  TLS_BUILDS,
  type AgentProcess,
} from '../support/agent-process.ts';
import { debianBinary } from '../support/debian-package.ts';
import {
  configOf,
  makeRegisteredGuest,
  makeToken,
  startEnrolling,
  type Guest,
} from '../support/enrolment.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import type { ManagerProcess } from '../support/manager-process.ts';
import { createToken, createVm, expectStatus, untilReading } from '../support/manager-questions.ts';
import { orSkip, type Obtained } from '../support/obtained.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort, startService, type Service } from '../support/service-process.ts';
import { makeTlsKey } from '../support/tls-key.ts';
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
  let guest: Guest;
  let encrypting: AgentProcess;
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
    manager = await startEnrolling({ databaseUrl: testDatabase.url, args });
    agent = await startAgent({
      build: bundleOn(process.execPath),
      args: ['--listen', '127.0.0.51:0'],
    });
    const place = { guest_ip: '127.0.0.51', agent_port: agent.port, labels: { app: 'shop' } };
    const vm = await createVm(manager, { name: 'web', ...place });
    await createVm(manager, { name: 'dead', guest_ip: '127.0.0.52', agent_port: 9 });
    await createVm(manager, { name: 'without address' });
    await untilReading(manager, vm.id, 'the guest answers', ({ origin }) => origin === 'guest');
    guest = await makeRegisteredGuest(manager, '127.0.0.53');
    const renamed = { method: 'PATCH', json: { name: 'encrypting' } };
    expectStatus(await manager.ask(`/v1/vms/${guest.vmId}`, renamed), 200);
    const config = configOf(await makeToken(manager, guest.vmId));
    // The native one where it can be built: Go's TLS and BearSSL's meet nowhere else.
    encrypting = await guest.start(TLS_BUILDS.at(-1) ?? bundleOn(process.execPath), config);
    await untilReading(manager, guest.vmId, 'it encrypts', ({ origin }) => origin === 'guest');
    if (!obtained.ok) return;

    const pem = expectStatus(await manager.ask('/v1/sd/prometheus/agents.pem'), 200).text;
    const tls = (name: string, text: string) => ({
      ca_file: write(name, text),
      server_name: 'innkeeper-agent',
    });
    const file = write('token', `${await createToken(manager, { name: 'prometheus' })}\n`);
    const scoped = write('scoped', await createToken(manager, { scope: 'app=shop' }));
    // Older ones do not know the default of `type` in a discovery: 2.42 sends the bare token there.
    const authorization = { type: 'Bearer', credentials_file: file };
    const target = `${manager.host}:${manager.port}`;
    const port = await freePort();
    address = { host: '127.0.0.1', port };
    const discovery = [
      { url: `${manager.url}/v1/sd/prometheus`, authorization, refresh_interval: '1s' },
    ];
    const settings = {
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
          tls_config: tls('agents.pem', pem),
          http_sd_configs: discovery,
          relabel_configs: [
            { source_labels: ['__meta_innkeeper_vm_name'], target_label: 'vm' },
            { source_labels: ['__meta_innkeeper_label_app'], target_label: 'app' },
          ],
        },
        {
          job_name: 'wrong',
          tls_config: tls('wrong.pem', makeTlsKey().pem.cert),
          http_sd_configs: discovery,
        },
      ],
    };
    prometheus = await startService({
      command: [
        obtained.path,
        // YAML is a superset of JSON.
        `--config.file=${write('prometheus.yml', JSON.stringify(settings))}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      isReady: async () => (await ask(address, '/-/ready')).status === 200,
    });
  }, FETCH_MS);
  afterAll(async () => {
    await Promise.all([prometheus?.stop(), agent.stop(), encrypting.stop(), manager.stop()]);
    guest.remove();
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
    await until('up{job!~"guests|wrong"}', 'job', { manager: 1, scoped: 1, nobody: 0 });
    const memory = await query('innkeeper_vm_memory_size_bytes{job="manager"}', 'vm');
    // Of whom nothing is known there is no value, and no zero either.
    expect(Object.keys(memory).toSorted()).toStrictEqual(['encrypting', 'this-machine', 'web']);
    const scoped = await query('innkeeper_vm_memory_size_bytes{job="scoped"}', 'vm');
    expect(Object.keys(scoped)).toStrictEqual(['web']);
  });

  test('learns the guests from the manager, and scrapes them', async () => {
    await until('up{job="guests"}', 'vm', {
      'this-machine': 1,
      web: 1,
      dead: 0,
      encrypting: 1,
    });
    // What a guest says of itself is what the manager says of it.
    const own = await query('node_memory_MemTotal_bytes{job="guests"}', 'vm');
    const merged = await query('innkeeper_vm_memory_size_bytes{job="manager"}', 'vm');
    expect(merged).toStrictEqual(own);
    expect(Object.keys(await query('node_load1{app="shop"}', 'vm'))).toStrictEqual(['web']);
  });

  test('scrapes over TLS those that encrypt, and only with their certificates', async () => {
    const instance = `${guest.host}:${guest.port}`;
    await until(`up{instance="${instance}"}`, 'job', { guests: 1, wrong: 0 });
    const plain = `http://127.0.0.51:${agent.port}/metrics`;
    const urls = await ask(address, '/api/v1/targets?state=active');
    expect(urls.text).toContain(`"scrapeUrl":"https://${instance}/metrics"`);
    expect(urls.text).toContain(`"scrapeUrl":"${plain}"`);
  });

  test('sees a VM that comes and one that goes', async () => {
    const place = { guest_ip: '127.0.0.51', agent_port: agent.port };
    const held = z.object({ items: z.array(z.looseObject({ id: z.string(), name: z.string() })) });
    const { items } = held.parse((await manager.ask('/v1/vms')).json());
    const web = items.find(({ name }) => name === 'web');
    await manager.ask(`/v1/vms/${web?.id}`, { method: 'DELETE' });
    await createVm(manager, { name: 'next', ...place });
    await until('up{job="guests"}', 'vm', {
      'this-machine': 1,
      next: 1,
      dead: 0,
      encrypting: 1,
    });
    expect(Object.keys(await query('node_load1{job="guests"}', 'vm'))).toContain('next');
  });
});
