import { provisioningSchema } from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ADMIN,
  makeAskRoute,
  namesIn,
  type AskRoute,
} from '../../../../../test/support/ask-route.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import { makeScriptRoutes } from './script-routes.ts';

let database: TestDatabase;
let ask: AskRoute;
beforeAll(async () => {
  database = await createTestDatabase();
  const vms = { get: () => undefined };
  ask = makeAskRoute(makeScriptRoutes({ database: database.database, vms }));
});
afterAll(async () => database.drop());

const script = (name: string, more: object = {}) => ({
  body: { name, when: 'first_boot', script: 'true', selector: '', ...more },
});

test('scripts come in pages, in the order in which they run', async () => {
  for (const [name, order] of [
    ['c', 1],
    ['b', 2],
    ['a', 2],
    ['d', 3],
  ] as const) {
    expect(await ask('post', '/v1/provisioning', script(name, { order }))).toMatchObject({
      status: 201,
    });
  }
  const first = namesIn(await ask('get', '/v1/provisioning', { query: { limit: '2' } }));
  expect(first.names).toEqual(['c', 'a']);
  const query = { limit: '2', cursor: first.next };
  const second = namesIn(await ask('get', '/v1/provisioning', { query }));
  expect(second).toEqual({ names: ['b', 'd'], next: null });
  const wrong = { cursor: 'AAAA' };
  expect(await ask('get', '/v1/provisioning', { query: wrong })).toMatchObject({ code: 'invalid' });
});

test.each([
  [{ selector: null }, /^selector: say/u],
  [{ vm_id: ADMIN.id }, /^selector: say/u],
  [{ vm_id: ADMIN.id, selector: null }, /^vm_id: is no VM/u],
  [{ selector: 'env=(' }, /^selector: "env=\(" is no selector/u],
  [{ script: 'a\0b' }, /^script: /u],
  [{ order: -1 }, /^order: /u],
  [{ interpreter: '' }, /^interpreter: /u],
  [{ more: 1 }, /more/u],
])('what is wrong with a script is said with the name of its field: %j', async (more, message) => {
  const answer = await ask('post', '/v1/provisioning', script('wrong', more));
  expect(answer).toMatchObject({ status: 422, code: 'invalid' });
  expect('message' in answer ? answer.message : '').toMatch(message);
});

test('a change changes what it names, and is held to the whole', async () => {
  const made = await ask('post', '/v1/provisioning', script('patched', { order: 9 }));
  const { id } = provisioningSchema.parse('body' in made ? made.body : undefined);
  const change = async (body: object) => ask('patch', '/v1/provisioning/:id', { id, body });
  expect(await change({ enabled: false })).toMatchObject({
    body: { name: 'patched', order: 9, enabled: false, script: 'true' },
  });
  expect(await change({ name: 'a' })).toMatchObject({ status: 409, code: 'name_taken' });
  expect(await change({ selector: null })).toMatchObject({ status: 422 });
  expect(await ask('delete', '/v1/provisioning/:id', { id })).toMatchObject({ status: 204 });
  expect(await change({ order: 1 })).toMatchObject({ status: 404, code: 'script_not_found' });
});
