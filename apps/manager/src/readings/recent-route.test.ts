/** GET /v1/fleet/recent over real HTTP, as actors of different scopes see it. */
import { fleetRecentSchema } from '@innkeeper/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveApp, type ServedApp } from '../../../../test/support/http-served-app.ts';
import { makeFakeReadings, makeFakeVms, makeReading, makeVm } from '../push/testing/fake-fleet.ts';
import { makeFakeAuthenticator } from '../push/testing/push-server.ts';
import { makeRecentRoute } from './recent-route.ts';
import { makeRecentTrails, RECENT_POINTS } from './recent-trails.ts';

const START = 1_763_640_000_000;
const web = makeVm(1, { labels: { app: 'web' } });
const db = makeVm(2, { labels: { app: 'db' } });

let app: ServedApp;

beforeEach(async () => {
  const vms = makeFakeVms([web, db]);
  const readings = makeFakeReadings();
  const clock = { now: () => START, monotonicMs: () => 0 };
  const recent = makeRecentTrails({ vms, readings, clock });
  readings.push(web, makeReading(web, { cpu_usage_percent: 10 }));
  readings.push(db, makeReading(db, { cpu_usage_percent: 20 }));
  const authenticator = makeFakeAuthenticator();
  authenticator.allow('all');
  authenticator.allow('web', { scope: 'app=web' });
  authenticator.allow('nothing', { scope: 'app=none' });
  app = await serveApp({ routes: [makeRecentRoute({ vms, recent })], authenticator });
});
afterEach(async () => app.stop());

const recentFor = async (token: string) => {
  const reply = await app.ask('/v1/fleet/recent', { token });
  expect(reply.status).toBe(200);
  const { keys, cpu, ...rest } = fleetRecentSchema.parse(reply.json());
  const bytes = Buffer.from(cpu, 'base64');
  expect(bytes).toHaveLength(keys.length * RECENT_POINTS);
  return { rest, newest: keys.map((key, row) => [key, bytes[(row + 1) * RECENT_POINTS - 1]]) };
};

test('each caller gets a row of each VM within its scope, and of no other', async () => {
  const { rest, newest } = await recentFor('all');
  expect(newest).toEqual([
    [1, 20],
    [2, 40],
  ]);
  expect(rest).toMatchObject({ step_ms: 2_000, end: START });
  expect((await recentFor('web')).newest).toEqual([[1, 20]]);
  expect((await recentFor('nothing')).newest).toEqual([]);
});

test('nobody gets nothing', async () => {
  expect((await app.ask('/v1/fleet/recent', {})).status).toBe(401);
});
