/** Policies over HTTP, as administrators set them, on a real Postgres. */
import { logPoliciesSchema, type LogPolicy } from '@innkeeper/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  serveAccessControl,
  type AccessControlled,
} from '../../../../../test/support/http-access-control.ts';
import { messageOf, outcomeOf } from '../../../../../test/support/http-served-app.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import { idOf, makeVm } from '../../../../../test/support/registry-fixtures.ts';
import { DEFAULT_POLICY, makeLogPolicies, type LogPolicyStore } from './policies.ts';
import { makeLogPolicyRoutes } from './policy-routes.ts';

let test_: TestDatabase;
let policies: LogPolicyStore;
let served: AccessControlled;

beforeAll(async () => {
  test_ = await createTestDatabase();
  policies = makeLogPolicies(test_.database);
  await policies.load();
  served = await serveAccessControl({
    database: test_.database,
    routes: makeLogPolicyRoutes(policies),
  });
}, 60_000);
afterAll(async () => {
  await served.stop();
  await test_.drop();
});
beforeEach(async () => {
  await test_.database.query({ text: 'TRUNCATE log_policy' });
  await policies.load();
});

const path = '/v1/logs/policies';
const get = async () => served.app.ask(path, { token: served.adminToken });
const put = async (items: unknown) =>
  served.app.ask(path, { method: 'PUT', token: served.adminToken, json: { items } });
const policy = (changes: Partial<LogPolicy>): LogPolicy => ({ ...DEFAULT_POLICY, ...changes });

const PROD = policy({ selector: 'env in (prod, live)', keep: 'info' });
const ONE = policy({ vm_id: idOf(2), keep: 'nothing', last_words: false });

test('without any, warnings and last words of every VM are kept', async () => {
  expect(logPoliciesSchema.parse((await get()).json())).toEqual({ items: [DEFAULT_POLICY] });
  expect(policies.policyOf(makeVm(1))).toEqual(DEFAULT_POLICY);
});

test('a list takes the place of the one before, in its order, also after a restart', async () => {
  const items = [ONE, PROD, DEFAULT_POLICY];
  expect(outcomeOf(await put([DEFAULT_POLICY]))).toBe('200');
  expect((await put(items)).json()).toEqual({ items });
  const restarted = makeLogPolicies(test_.database);
  await restarted.load();
  for (const store of [policies, restarted]) {
    expect(store.list()).toEqual(items);
    expect(store.policyOf(makeVm(1))).toEqual(DEFAULT_POLICY);
    expect(store.policyOf(makeVm(1, { labels: { env: 'live' } }))).toEqual(PROD);
    expect(store.policyOf(makeVm(2, { labels: { env: 'live' } }))).toEqual(ONE);
  }
});

test('whoever listens hears of each change, and the audit has before and after', async () => {
  let changes = 0;
  const stop = policies.onChange(() => {
    changes += 1;
  });
  await put([PROD, DEFAULT_POLICY]);
  stop();
  await put([DEFAULT_POLICY]);
  expect(changes).toBe(1);
  const audit = await served.app.ask('/v1/audit?action=logs.configure&limit=2', {
    token: served.adminToken,
  });
  expect(audit.json()).toMatchObject({
    items: [
      { detail: { before: [PROD, DEFAULT_POLICY], after: [DEFAULT_POLICY] } },
      { detail: { before: [DEFAULT_POLICY], after: [PROD, DEFAULT_POLICY] } },
    ],
  });
});

describe('a list', () => {
  test.each([
    ['without any', [], /^items/u],
    ['whose last one leaves VMs out', [DEFAULT_POLICY, PROD].slice(1), /^items\.0: the last one/u],
    ['with one behind the one for all', [DEFAULT_POLICY, PROD, DEFAULT_POLICY], /^items\.0: fits/u],
    [
      'with a selector that is none',
      [PROD, policy({ selector: 'env in prod' }), DEFAULT_POLICY],
      /^items\.1\.selector: "env in prod" is no selector/u,
    ],
    [
      'with a selector and a VM',
      [policy({ selector: 'a', vm_id: idOf(1) }), DEFAULT_POLICY],
      /^items\.0: has selector or vm_id/u,
    ],
    ['with an unknown level', [{ ...DEFAULT_POLICY, keep: 'loud' }], /^items\.0\.keep/u],
    [
      'that Postgres could not store',
      [policy({ selector: 'a=\0' }), DEFAULT_POLICY],
      /items\.0\.selector/u,
    ],
    ['of more than a hundred', Array.from({ length: 101 }, () => DEFAULT_POLICY), /^items/u],
  ])('%s is refused, and the item named', async (_what, items, message) => {
    const reply = await put(items);
    expect(outcomeOf(reply)).toBe('422 invalid');
    expect(messageOf(reply)).toMatch(message);
    expect(policies.list()).toEqual([DEFAULT_POLICY]);
  });
});
