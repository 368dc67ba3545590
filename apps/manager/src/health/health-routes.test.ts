import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveApp, type ServedApp } from '../../../../test/support/http-served-app.ts';
import { makeFakeAuthenticator } from '../push/testing/push-server.ts';
import { healthRoutes } from './health-routes.ts';
import { makeHealthParts, type Probe } from './probe.ts';

let app: ServedApp;
let pull: Probe;
let now: number;

beforeEach(async () => {
  pull = { ok: true, message: 'ticked 0.1 s ago' };
  now = 1_000;
  const authenticator = makeFakeAuthenticator();
  authenticator.allow('all');
  authenticator.allow('web', { scope: 'app=web' });
  const parts = makeHealthParts(
    { pull: () => pull, database: () => ({ ok: true, message: 'answers' }) },
    () => now,
  );
  const routes = healthRoutes({
    version: '1.2.3',
    startedMonotonicMs: 1_000,
    monotonicMs: () => 4_500,
    parts,
    authenticate: (credentials) => authenticator.authenticate(credentials),
  });
  app = await serveApp({ routes, authenticator });
});
afterEach(async () => {
  await app.stop();
});

describe('GET /health', () => {
  test('answers while the process can, whatever its parts do', async () => {
    pull = { ok: false, message: 'stands still' };
    const reply = await app.ask('/health');
    expect(reply.status).toBe(200);
    expect(reply.json()).toStrictEqual({ status: 'ok', version: '1.2.3', uptime_seconds: 3 });
  });
});

describe('GET /ready', () => {
  test('is 200 while all parts make progress, and tells strangers their names only', async () => {
    const reply = await app.ask('/ready');
    expect(reply.status).toBe(200);
    expect(reply.json()).toStrictEqual({
      status: 'ready',
      parts: { pull: { ok: true }, database: { ok: true } },
    });
  });

  test('is 503 as soon as one does not, and says since when to those who may know', async () => {
    await app.ask('/ready');
    now = 5_000;
    pull = { ok: false, message: 'has not ticked for 6 s' };
    const stranger = await app.ask('/ready');
    expect(stranger.status).toBe(503);
    expect(stranger.json()).toMatchObject({ status: 'not_ready', parts: { pull: { ok: false } } });
    expect(stranger.text).not.toContain('ticked');
    now = 9_000;
    const known = await app.ask('/ready', { token: 'all' });
    expect(known.status).toBe(503);
    expect(known.json()).toMatchObject({
      parts: {
        pull: { ok: false, since: 5_000, message: 'has not ticked for 6 s' },
        database: { ok: true, since: 1_000 },
      },
    });
    expect((await app.ask('/ready', { token: 'web' })).text).not.toContain('since');
    pull = { ok: true, message: 'ticked' };
    expect((await app.ask('/ready')).status).toBe(200);
  });

  test('is 200 while only a part that is optional is in trouble', async () => {
    pull = { ok: false, message: 'cannot write', isOptional: true };
    const answer = await app.ask('/ready', { token: 'all' });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      status: 'ready',
      parts: { pull: { ok: false, message: 'cannot write' } },
    });
    pull = { ok: true, message: 'ticked' };
  });

  test('counts a probe that throws as not ready', async () => {
    const parts = makeHealthParts(
      {
        broken() {
          throw new Error('cannot look');
        },
      },
      () => 1,
    );
    expect(parts.read().get('broken')).toStrictEqual({
      ok: false,
      since: 1,
      message: 'cannot tell: Error: cannot look',
    });
    // A wrong token is no better than none, and no error either.
    expect((await app.ask('/ready', { token: 'wrong' })).json()).toMatchObject({
      parts: { pull: { ok: true } },
    });
  });
});
