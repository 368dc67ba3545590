/** Every route and every socket event of the running manager, asked as everybody. */
import { randomUUID } from 'node:crypto';
import { fleetRecentSchema, type Role } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { toOpenApiPath } from '../../apps/manager/src/http/openapi.ts';
import type { AnyRoute } from '../../apps/manager/src/http/route.ts';
import { BUNDLE, bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { outcomeOf } from '../support/http-served-app.ts';
import {
  askMatrix,
  MATRIX_LABELS,
  type MatrixRequest,
  type MatrixTable,
} from '../support/http-auth-matrix.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import {
  createToken,
  createVm,
  expectStatus,
  listHosts,
  untilReading,
} from '../support/manager-questions.ts';
import { listManagerRoutes } from '../support/manager-routes.ts';
import { connectSocket, openSocket } from '../support/manager-socket.ts';
import { openApiSchema, refsIn } from '../support/openapi-document.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

let testDatabase: TestDatabase;
let manager: ManagerProcess;
let agent: AgentProcess;
let routes: readonly AnyRoute[];
let vmId = '';
let hostId = '';

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  manager = await startManager({
    databaseUrl: testDatabase.url,
    args: ['--local-agent', BUNDLE.path],
  });
  agent = await startAgent({
    build: bundleOn(process.execPath),
    args: ['--listen', '127.0.0.41:0'],
  });
  routes = await listManagerRoutes(testDatabase.database);
  const place = { guest_ip: '127.0.0.41', agent_port: agent.port };
  vmId = (await createVm(manager, { name: 'web', labels: MATRIX_LABELS, ...place })).id;
  hostId = (await listHosts(manager))[0]?.id ?? '';
  await untilReading(manager, vmId, 'the guest answers', ({ origin }) => origin === 'guest');
}, 60_000);
afterAll(async () => {
  await agent.stop();
  await manager.stop();
  await testDatabase.drop();
});

const idSchema = z.looseObject({ id: z.uuid() });

/** Something for one caller to change or delete. */
const makeVictim = async (path: string, json: Readonly<Record<string, unknown>>) => {
  const body = { name: `victim ${randomUUID()}`, ...json };
  const reply = await manager.ask(path, { method: 'POST', json: body });
  return { params: { id: idSchema.parse(expectStatus(reply, 201).json()).id } };
};
const vmVictim = async () => makeVictim('/v1/vms', { labels: MATRIX_LABELS });
const commandVictim = async () => makeVictim('/v1/commands', { argv: ['true'] });
const scriptVictim = async () =>
  makeVictim('/v1/provisioning', { when: 'first_boot', script: 'true', selector: 'app=none' });
const runSchema = z.looseObject({ executions: z.tuple([z.looseObject({ id: z.uuid() })]) });
/** A run on the VM; one that may not see the VM does not learn that there is a run. */
const runVictim = async (allowed: readonly string[]) => {
  const json = { argv: ['true'] };
  const begun = await manager.ask(`/v1/vms/${vmId}/exec`, { method: 'POST', json });
  const { run_id: id } = z.object({ run_id: z.uuid() }).parse(expectStatus(begun, 202).json());
  const run = runSchema.parse((await manager.ask(`/v1/runs/${id}`)).json());
  const params = { id, eid: run.executions[0].id };
  return { params, allowed: [...allowed, '404 run_not_found'] };
};
let knownRun: ReturnType<typeof runVictim> | undefined;
/** To be looked at by all. */
const aboutRun = async () => {
  knownRun ??= runVictim(['200']);
  return knownRun;
};
/** Nobody may see one that there is not. */
const aboutNoUpdate = { params: { id: randomUUID() }, allowed: ['404 update_not_found'] };
let hostsMade = 0;
/** Nobody listens there. */
const newAddress = () => {
  hostsMade += 1;
  return { address: '127.0.0.42', agent_port: 10_000 + hostsMade };
};
const hostVictim = async () => makeVictim('/v1/hosts', newAddress());
const newName = (): string => `made ${randomUUID()}`;

const about = (more: Omit<MatrixRequest, 'params'> = {}) => ({ params: { id: vmId }, ...more });
const aboutHost = (more: Omit<MatrixRequest, 'params'> = {}) => ({
  params: { id: hostId },
  ...more,
});

/** Of nobody. */
const SIGNED = { message: '{}', signature: 'A'.repeat(86) };

/** A route that is missing here fails the test: whoever adds one says how it is asked. */
const TABLE: MatrixTable = {
  'get /v1/vms': () => ({}),
  // What is outside of one's scope is another matter: see below.
  'post /v1/vms': ({ scope }) => ({
    body: {
      name: newName(),
      labels: scope === 'has not the VM' ? { matrix: 'out' } : MATRIX_LABELS,
    },
  }),
  'get /v1/vms/:id': () => about(),
  'patch /v1/vms/:id': () => about({ body: { agent_port: agent.port } }),
  'delete /v1/vms/:id': vmVictim,
  'get /v1/vms/:id/metrics': () => about(),
  'get /v1/vms/:id/metrics/history': () => about(),
  'get /v1/vms/:id/events': () => about(),
  'get /v1/vms/:id/processes': () => about(),
  'get /v1/vms/:id/processes/history': () =>
    about({ query: `?at=${Date.now()}`, allowed: ['200', '404 no_snapshot'] }),
  'get /v1/vms/:id/info': () => about(),
  // The agent is not enrolled, so it gives its logs to nobody.
  'get /v1/vms/:id/logs': () => about({ allowed: ['502 agent_unauthorized'] }),
  'get /v1/vms/:id/logs/page': () => about({ allowed: ['502 agent_unauthorized'] }),
  'get /v1/vms/:id/logs/download': () => about({ allowed: ['502 agent_unauthorized'] }),
  'post /v1/vms/:id/guest-ip': () => about({ body: { guest_ip: '127.0.0.41' } }),
  'delete /v1/vms/:id/guest-ip': vmVictim,
  // Guests do not know where this manager is.
  'post /v1/vms/:id/enrollment': () => about({ allowed: ['409 public_url_missing'] }),
  'get /v1/vms/:id/enrollment': () => about(),
  'delete /v1/vms/:id/enrollment': () => about(),
  'post /v1/hosts/:id/enrollment': () => aboutHost({ allowed: ['409 public_url_missing'] }),
  'get /v1/hosts/:id/enrollment': () => aboutHost(),
  'delete /v1/hosts/:id/enrollment': () => aboutHost(),
  'post /v1/enroll': () => ({
    body: { ...SIGNED, proof: 'A'.repeat(43) },
    allowed: ['422 invalid'],
  }),
  'post /v1/agents/:id/address': () => ({
    params: { id: vmId },
    body: SIGNED,
    allowed: ['422 invalid'],
  }),
  'get /v1/keys': () => ({}),
  'post /v1/keys/rotate': () => ({ allowed: ['201', '409 rotation_under_way'] }),
  // The agent of this machine learns it at the next start.
  'post /v1/keys/complete': () => ({
    body: {},
    allowed: ['409 agents_behind', '409 no_rotation'],
  }),
  'get /v1/fleet/recent': () => ({}),
  'get /v1/logs/search': () => ({}),
  'get /v1/logs/policies': () => ({}),
  'put /v1/logs/policies': () => ({
    body: { items: [{ selector: null, vm_id: null, keep: 'warn', last_words: true }] },
  }),
  'post /v1/vms/:id/exec': () => about({ body: { argv: ['true'] } }),
  'post /v1/runs': () => ({
    body: { argv: ['true'], targets: { vm_ids: [vmId] } },
    allowed: ['202', '404 vm_not_found'],
  }),
  'get /v1/runs': () => ({}),
  'get /v1/runs/:id': aboutRun,
  'delete /v1/runs/:id': async () => runVictim(['202', '409 run_over']),
  'post /v1/runs/:id/pause': async () => runVictim(['202', '409 wrong_state', '409 run_over']),
  'post /v1/runs/:id/resume': async () => runVictim(['202', '409 wrong_state', '409 run_over']),
  'post /v1/runs/:id/retry': async () =>
    runVictim(['202', '409 nothing_to_retry', '404 vm_not_found']),
  'get /v1/runs/:id/groups': aboutRun,
  'delete /v1/runs/:id/executions/:eid': async () => runVictim(['202', '409 run_over']),
  'post /v1/runs/:id/executions/:eid/timeout': async () => ({
    ...(await runVictim(['202', '409 wrong_state', '409 run_over'])),
    body: { action: 'leave' },
  }),
  'get /v1/runs/:id/executions/:eid/log': aboutRun,
  'post /v1/updates': () => ({
    body: { targets: { vm_ids: [vmId] } },
    allowed: ['202', '404 vm_not_found', '409 update_under_way', '409 not_built'],
  }),
  'get /v1/updates': () => ({}),
  'get /v1/updates/:id': () => aboutNoUpdate,
  'delete /v1/updates/:id': () => aboutNoUpdate,
  'post /v1/updates/:id/pause': () => aboutNoUpdate,
  'post /v1/updates/:id/resume': () => aboutNoUpdate,
  'get /v1/commands': () => ({}),
  'post /v1/commands': () => ({ body: { name: newName(), argv: ['true'] } }),
  'put /v1/commands/:id': async () => ({
    ...(await commandVictim()),
    body: { name: newName(), script: 'true' },
  }),
  'delete /v1/commands/:id': async () => commandVictim(),
  'get /v1/provisioning': () => ({}),
  'post /v1/provisioning': () => ({
    body: { name: newName(), when: 'every_boot', script: 'true', selector: 'app=none' },
  }),
  'get /v1/provisioning/:id': async () => scriptVictim(),
  'patch /v1/provisioning/:id': async () => ({ ...(await scriptVictim()), body: { order: 7 } }),
  'delete /v1/provisioning/:id': async () => scriptVictim(),
  'get /v1/vms/:id/provisioning': () => about(),
  // The agent is not enrolled, so it is told to run nothing.
  'post /v1/vms/:id/provisioning/run': () => about({ body: {}, allowed: ['409 agent_not_seen'] }),
  'post /v1/vms/:id/provisioning/retry': () => about({ allowed: ['409 nothing_failed'] }),
  'post /v1/vms/:id/provisioning/skip': () => about({ allowed: ['409 nothing_failed'] }),
  'get /v1/hosts': () => ({}),
  'post /v1/hosts': () => ({ body: { name: newName(), ...newAddress() } }),
  'get /v1/hosts/:id': () => aboutHost(),
  'patch /v1/hosts/:id': () => aboutHost({ body: { labels: {} } }),
  'delete /v1/hosts/:id': hostVictim,
  'get /v1/hosts/:id/found': () => aboutHost(),
  'get /v1/found': () => ({}),
  'post /v1/hosts/:id/found/:found_id/adopt': () => ({
    params: { id: hostId, found_id: '1-1' },
    body: {},
    // Process 1 is no VMM.
    allowed: ['404 vmm_not_found'],
  }),
  // The manager of this test has no public URL.
  'get /v1/vms/:id/cloud-init': () => about({ allowed: ['409 public_url_missing'] }),
  'get /install.sh': () => ({ allowed: ['409 public_url_missing'] }),
  'get /download/manifest.json': () => ({}),
  'get /download/manifest.json.sig': () => ({}),
  'get /download/:name': () => ({
    params: { name: 'none' },
    allowed: ['404 artefact_not_found'],
  }),
  'post /v1/session': () => ({ body: { token: manager.adminToken } }),
  'get /v1/session': () => ({}),
  'delete /v1/session': () => ({}),
  'get /v1/tokens': () => ({}),
  'post /v1/tokens': () => ({ body: { name: newName(), role: 'viewer' } }),
  'delete /v1/tokens/:id': async () => makeVictim('/v1/tokens', { role: 'viewer' }),
  'get /v1/audit': () => ({}),
  'get /v1/audit/download': () => ({}),
  'get /metrics': () => ({}),
  'get /v1/sd/prometheus': () => ({}),
  'get /v1/sd/prometheus/agents.pem': () => ({}),
  'get /health': () => ({}),
  'get /ready': () => ({}),
  'get /v1/manager': () => ({}),
  'get /openapi.json': () => ({}),
  'get /docs/api': () => ({}),
};

test('each route answers each caller as authorize says', async () => {
  const { adminToken } = manager;
  const ask = async (...question: Parameters<ManagerProcess['askAs']>) =>
    manager.askAs(...question);
  expect(await askMatrix({ routes, table: TABLE, ask, adminToken })).toStrictEqual([]);
}, 60_000);

describe('whoever has a scope', () => {
  const tokenOf = async (role: Role, scope: string): Promise<string> =>
    createToken(manager, { role, scope });
  const create = async (token: string, labels: Readonly<Record<string, string>>) =>
    outcomeOf(
      await manager.askAs('/v1/vms', { method: 'POST', token, json: { name: newName(), labels } }),
    );

  test('registers VMs of that scope only, and moves none in or out', async () => {
    const token = await tokenOf('operator', 'matrix=in');
    expect(await create(token, MATRIX_LABELS)).toBe('201');
    expect(await create(token, {})).toMatch(/^403 /u);
    expect(await create(token, { matrix: 'out' })).toMatch(/^403 /u);
    const path = `/v1/vms/${vmId}`;
    const json = { labels: { matrix: 'out' } };
    const moved = await manager.askAs(path, { method: 'PATCH', token, json });
    expect(outcomeOf(moved)).toMatch(/^403 /u);
  });

  test('sees nothing of others in lists, metrics and targets', async () => {
    const hidden = await createVm(manager, { name: 'hidden-one', guest_ip: '127.0.0.43' });
    const token = await tokenOf('viewer', 'matrix=in');
    for (const path of ['/v1/vms?limit=200', '/metrics', '/v1/sd/prometheus']) {
      const text = (question?: { token: string }) => manager.ask(path, question);
      expect((await text()).text, path).toContain('hidden-one');
      const seen = (await text({ token })).text;
      expect(seen, path).toContain('web');
      expect(seen, path).not.toContain('hidden-one');
      expect(seen, path).not.toContain(hidden.id);
      expect(seen, path).not.toContain('this-machine');
    }
    const recent = fleetRecentSchema.parse(
      (await manager.ask('/v1/fleet/recent', { token })).json(),
    );
    expect(recent.keys).not.toContain(hidden.key);
    // Of the manager itself there is nothing either.
    expect((await manager.ask('/metrics', { token })).text).not.toMatch(
      /^process_|^innkeeper_http/mu,
    );
  });
});

describe('a socket', () => {
  test.each([
    ['no token', { token: null }],
    ['a wrong token', { token: 'ik_no' }],
    ['the origin of another site', { headers: { origin: 'http://elsewhere.example' } }],
    ['the host of another name', { headers: { host: 'elsewhere.example' } }],
  ])('with %s is refused', async (_what, options) => {
    expect(await connectSocket(manager, options)).toMatchObject({ ok: false });
  });

  test.each([
    ['viewer', null, true],
    ['viewer', 'matrix=in', true],
    ['viewer', 'matrix=out', false],
    ['operator', 'matrix=out', false],
    ['admin', 'matrix=out', false],
    ['admin', null, true],
  ] as const)('of %s with the scope %s: may it see the VM? %s', async (role, scope, sees) => {
    const socket = await openSocket(manager, {
      token: await createToken(manager, { role, scope }),
    });
    try {
      const answer = await socket.emit('vm:subscribe', { vm_id: vmId });
      const unknown = await socket.emit('vm:subscribe', { vm_id: randomUUID() });
      expect(unknown).toMatchObject({ ok: false, error: { code: 'vm_not_found' } });
      if (sees) {
        expect(answer).toStrictEqual({ ok: true });
        await socket.until('a reading comes', (reading) => reading.vm_id === vmId);
      } else {
        // Not even that there is one.
        expect(answer.error?.code).toBe('vm_not_found');
      }
      const logs = await socket.emit('logs:subscribe', { vm_id: vmId });
      expect(logs.error?.code).toBe(sees ? undefined : 'vm_not_found');
      expect(await socket.emit('fleet:subscribe')).toStrictEqual({ ok: true });
      await waitUntil('a frame comes', () => socket.others.some(({ name }) => name === 'fleet'));
      const told = JSON.stringify(socket.others.filter(({ name }) => name === 'fleet:members'));
      expect(told.includes(vmId)).toBe(sees);
      expect(told.includes('this-machine')).toBe(scope === null);
      if (!sees) expect(socket.readings).toStrictEqual([]);
      expect(await socket.emit('fleet:unsubscribe')).toStrictEqual({ ok: true });
      expect(await socket.emit('vm:unsubscribe', { vm_id: vmId })).toMatchObject({ ok: true });
      expect(await socket.emit('vm:delete', { vm_id: vmId })).toMatchObject({ ok: false });
    } finally {
      socket.close();
    }
  });

  test('ends when its token is revoked', async () => {
    const json = { name: 'to be revoked', role: 'viewer' };
    const made = await manager.ask('/v1/tokens', { method: 'POST', json });
    const { id, token } = z.looseObject({ id: z.uuid(), token: z.string() }).parse(made.json());
    const socket = await openSocket(manager, { token });
    await manager.ask(`/v1/tokens/${id}`, { method: 'DELETE' });
    await waitUntil('it is told', () => socket.others.some(({ name }) => name === 'session:ended'));
    expect(await connectSocket(manager, { token })).toMatchObject({ ok: false });
    socket.close();
  });
});

describe('the description of the API', () => {
  test('is valid OpenAPI, and has every route and no other', async () => {
    const json = (await manager.askAs('/openapi.json')).json();
    const document = openApiSchema.parse(json);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const mounted = routes.map(({ method, path }) => `${method} ${toOpenApiPath(path)}`);
    expect(described.toSorted()).toStrictEqual(mounted.toSorted());
    const known = Object.keys(document.components.schemas);
    const refs = [...new Set(refsIn(json))].toSorted();
    expect(refs).toStrictEqual(known.map((name) => `#/components/schemas/${name}`).toSorted());
  });

  test('is a page too', async () => {
    const page = await manager.askAs('/docs/api');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    const missing = routes.filter(({ path }) => !page.text.includes(`<code>${path}</code>`));
    expect(missing.map(({ path }) => path)).toStrictEqual([]);
  });
});
