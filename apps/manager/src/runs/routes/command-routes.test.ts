import type { Actor } from '../../auth/actor.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ADMIN,
  makeAskRoute,
  namesIn,
  type AskRoute,
} from '../../../../../test/support/ask-route.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import { makeCommandRoutes } from './command-routes.ts';

let database: TestDatabase;
let ask: AskRoute;
beforeAll(async () => {
  database = await createTestDatabase();
  ask = makeAskRoute(makeCommandRoutes(database.database));
});
afterAll(async () => database.drop());

test('saved commands come in pages, of those that one may run', async () => {
  for (const [name, runBy] of [
    ['b', 'operator'],
    ['a', 'admin'],
    ['c', 'operator'],
  ]) {
    const body = { name, argv: ['true'], run_by: runBy };
    expect(await ask('post', '/v1/commands', { body })).toMatchObject({ status: 201 });
  }
  const page = async (by: Actor, query: object) =>
    namesIn(await ask('get', '/v1/commands', { by, query }));
  const first = await page(ADMIN, { limit: '2' });
  expect(first.names).toEqual(['a', 'b']);
  expect(await page(ADMIN, { limit: '2', cursor: first.next })).toEqual({
    names: ['c'],
    next: null,
  });
  expect((await page({ ...ADMIN, role: 'operator' }, {})).names).toEqual(['b', 'c']);
  expect(await ask('get', '/v1/commands', { query: { cursor: '' } })).toMatchObject({
    code: 'invalid',
  });
});
