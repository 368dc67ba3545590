import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createdTokenSchema } from '@innkeeper/protocol';
import {
  serveAccessControl,
  type AccessControlled,
} from '../../../../test/support/http-access-control.ts';
import {
  askMatrix,
  MATRIX_LABELS,
  type MatrixTable,
} from '../../../../test/support/http-auth-matrix.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeAuditRoutes } from '../audit/audit-routes.ts';
import { makeApiRoutes } from '../http/api-routes.ts';
import { defineRoute } from '../http/define-route.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import type { VmRecord } from '../vms/vm-record.ts';

const vm: VmRecord = {
  id: randomUUID(),
  key: 1,
  name: 'web',
  guestIp: undefined,
  agentPort: 8080,
  agentSocket: undefined,
  hostId: undefined,
  vmm: undefined,
  labels: MATRIX_LABELS,
  enrolledAt: undefined,
  tlsPin: undefined,
  isLocal: false,
  createdAt: 0,
  updatedAt: 0,
};

/** The routes about VMs have tables of their own; these stand for them. */
const makeVmRoute = (action: 'vm.read' | 'vm.update' | 'vm.delete'): AnyRoute =>
  defineRoute({
    method: 'put',
    path: `/v1/try/:id/${action}`,
    tag: 'Test',
    summary: 'Tries',
    access: { action, vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'done' } },
    handle: async () => ({ ok: true, status: 200, body: {} }),
  });
const vmDelete = makeVmRoute('vm.delete');
const vmRoutes = [makeVmRoute('vm.read'), makeVmRoute('vm.update'), vmDelete];

let testDatabase: TestDatabase;
let served: AccessControlled;
let extra: AnyRoute[];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  extra = [...vmRoutes, ...makeApiRoutes(() => extra, { version: '1' })];
  served = await serveAccessControl({
    database: testDatabase.database,
    routes: extra,
    findVm: (id) => (id === vm.id ? vm : undefined),
  });
});
afterAll(async () => {
  await served.stop();
  await testDatabase.drop();
});

const makeVictim = async (): Promise<string> => {
  const reply = await served.app.ask('/v1/tokens', {
    method: 'POST',
    token: served.adminToken,
    json: { name: 'victim', role: 'viewer' },
  });
  return createdTokenSchema.parse(reply.json()).id;
};

const aboutVm = { params: { id: vm.id } };
const makeTable = (): MatrixTable => ({
  'post /v1/session': () => ({ body: { token: served.adminToken } }),
  'get /v1/session': () => ({}),
  'delete /v1/session': () => ({}),
  'get /v1/tokens': () => ({}),
  'post /v1/tokens': () => ({ body: { name: 'x', role: 'viewer' } }),
  'delete /v1/tokens/:id': async () => ({ params: { id: await makeVictim() } }),
  'get /v1/audit': () => ({}),
  'get /v1/audit/download': () => ({}),
  'get /openapi.json': () => ({}),
  'get /docs/api': () => ({}),
  'put /v1/try/:id/vm.read': () => aboutVm,
  'put /v1/try/:id/vm.update': () => aboutVm,
  'put /v1/try/:id/vm.delete': () => aboutVm,
});

const ask = (routes: readonly AnyRoute[], table: MatrixTable): Promise<string[]> =>
  askMatrix({
    routes,
    table,
    ask: (path, question) => served.app.ask(path, question),
    adminToken: served.adminToken,
  });

test('each route answers each caller as authorize says', async () => {
  const routes = [...served.access.routes, ...makeAuditRoutes(testDatabase.database), ...extra];
  expect(await ask(routes, makeTable())).toEqual([]);
});

test('a route without a request, and a request without a route, are problems', async () => {
  const problems = await ask(vmRoutes.slice(0, 1), { 'get /nowhere': () => ({}) });
  expect(problems).toEqual([
    'put /v1/try/:id/vm.read: has no request',
    'get /nowhere: is no route',
  ]);
});

test('a route that says one thing and does another is a problem', async () => {
  // In this table everybody may; what is mounted asks for an admin.
  const claimed: AnyRoute = { ...vmDelete, access: { action: 'vm.read', vm: 'id' } };
  const problems = await ask([claimed], { 'put /v1/try/:id/vm.delete': () => aboutVm });
  expect(problems).toContain(
    'put /v1/try/:id/vm.delete as viewer: 403 forbidden instead of allowed',
  );
});
