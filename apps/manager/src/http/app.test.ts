import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { openRaw } from '../../../../test/support/raw-connection.ts';
import {
  messageOf,
  outcomeOf,
  serveApp,
  type ServedApp,
} from '../../../../test/support/http-served-app.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { Actor } from '../auth/actor.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { DatabaseUnavailable } from '../database/database.ts';
import { parseLabelSelector } from '../vms/label-selector.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { AppOptions } from './app.ts';
import { defineRoute } from './define-route.ts';
import { idParams, nothing, type AnyRoute } from './route.ts';

const anything = { tag: 'Test', summary: 'Tests', params: nothing, query: nothing, body: nothing };
const answers = { 200: { description: 'fine' } };

const echo = defineRoute({
  ...anything,
  method: 'post',
  path: '/v1/echo',
  access: 'public',
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(10).default(5),
    unit: z.union([z.string(), z.array(z.string())]).optional(),
  }),
  body: z.strictObject({
    name: z.string().min(1).max(8),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  answers,
  handle: async ({ query, body }) => ({ ok: true, status: 200, body: { query, body } }),
});

const failing = (path: string, error: Error): AnyRoute =>
  defineRoute({
    ...anything,
    method: 'get',
    path,
    access: 'public',
    answers,
    handle: () => Promise.reject(error),
  });

const hello = defineRoute({
  ...anything,
  method: 'get',
  path: '/v1/hello',
  access: 'public',
  answers,
  handle: async ({ remoteAddress }) => ({ ok: true, status: 200, body: { remoteAddress } }),
});

let served: ServedApp | undefined;

const serve = async (...options: Parameters<typeof serveApp>): Promise<ServedApp> => {
  served = await serveApp(...options);
  return served;
};

afterEach(async () => {
  await served?.stop();
  served = undefined;
});

describe('a body', () => {
  test('arrives parsed, with the defaults of the query', async () => {
    const app = await serve({ routes: [echo] });
    const reply = await app.ask('/v1/echo', { method: 'POST', json: { name: 'a' } });
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({ query: { limit: 5 }, body: { name: 'a' } });
  });

  test.each([
    ['half of it', '{"name":'],
    ['bytes that are no UTF-8', Buffer.from('{"name":"\u00ff"}', 'latin1')],
    ['nesting without end', '['.repeat(60_000)],
    ['__proto__', '{"name":"a","__proto__":{"admin":true}}'],
    ['__proto__ in disguise, further down', '{"name":"a","labels":{"\\u005f_proto__":"x"}}'],
  ])('of %s is malformed JSON', async (_, body) => {
    const app = await serve({ routes: [echo] });
    const bytes = Buffer.from(body);
    const connection = await openRaw(app);
    connection.write(
      `POST /v1/echo HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`,
    );
    connection.write(bytes);
    const text = await connection.closed();
    expect(text).toMatch(/^HTTP\/1.1 400 /u);
    expect(text).toContain('malformed_json');
  });

  test.each(['constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'with the unknown field %s is refused by name',
    async (name) => {
      const app = await serve({ routes: [echo] });
      const reply = await app.ask('/v1/echo', { method: 'POST', json: { name: 'a', [name]: {} } });
      expect(reply.status).toBe(422);
      expect(reply.text).toContain(`${name}: is no field here (accepted: name, labels)`);
    },
  );

  test.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/json; charset=latin1', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('as %s %o is an unsupported media type', async (type, headers) => {
    const app = await serve({ routes: [echo] });
    const reply = await app.ask('/v1/echo', {
      method: 'POST',
      body: '{"name":"a"}',
      headers: { 'content-type': type, ...headers },
    });
    expect(outcomeOf(reply)).toBe('415 unsupported_media_type');
  });

  test.each([{}, { 'transfer-encoding': 'chunked' }])(
    'over 64 KiB is too large, announced or not %o',
    async (headers: Record<string, string>) => {
      const app = await serve({ routes: [echo] });
      const reply = await app.ask('/v1/echo', {
        method: 'POST',
        json: { name: 'a'.repeat(64 * 1024) },
        headers,
      });
      expect(outcomeOf(reply)).toBe('413 body_too_large');
    },
  );

  test('that is missing is told field by field', async () => {
    const app = await serve({ routes: [echo] });
    const reply = await app.ask('/v1/echo', { method: 'POST' });
    expect(reply.status).toBe(422);
    expect(reply.text).toContain('name: is missing');
  });

  test('that never ends leaves the others alone, and its connection is closed at the stop', async () => {
    const app = await serve({ routes: [echo, hello] });
    const slow = await openRaw(app);
    slow.write(
      'POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n' +
        'content-length: 100\r\n\r\n{"na',
    );
    expect((await app.ask('/v1/hello')).status).toBe(200);
    slow.destroy();
    await waitUntil('the half request is in the log', () =>
      app.lines.some(({ message }) => message === 'request abandoned'),
    );
    expect(app.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

test('a body that comes too slowly is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const app = await serve({ routes: [echo] });
    const slow = await openRaw(app);
    slow.write(
      'POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n' +
        'content-length: 12\r\n\r\n{"na',
    );
    await waitUntil('both timers of the request run', () => vi.getTimerCount() >= 2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await slow.waitFor(/\}$/u)).toMatch(/^HTTP\/1\.1 408 [\s\S]*body_too_slow/u);
    slow.destroy();
  } finally {
    vi.useRealTimers();
  }
});

describe('a query', () => {
  test.each([
    ['?limit=11', 'limit: '],
    ['?limit=1&limit=2', 'limit: is given 2 times'],
    ['?color=red', 'color: is no query parameter here (accepted: limit, unit)'],
    ['?__proto__=1', '__proto__: is no query parameter here'],
    ['?constructor[prototype]=1', '"constructor[prototype]": is no query parameter here'],
  ])('of %s is refused', async (query, message) => {
    const app = await serve({ routes: [echo] });
    const reply = await app.ask(`/v1/echo${query}`, { method: 'POST', json: { name: 'a' } });
    expect(reply.status).toBe(422);
    expect(messageOf(reply)).toContain(message);
  });

  test('may repeat a parameter that is a list', async () => {
    const app = await serve({ routes: [echo] });
    const path = '/v1/echo?unit=a&unit=b%20c';
    const reply = await app.ask(path, { method: 'POST', json: { name: 'a' } });
    expect(reply.json()).toMatchObject({ query: { unit: ['a', 'b c'] } });
  });

  test('with broken percent-encoding does no harm', async () => {
    const app = await serve({ routes: [echo] });
    const reply = await app.ask('/v1/echo?unit=%zz%E0%A4', { method: 'POST', json: { name: 'a' } });
    expect(reply.status).toBe(200);
  });
});

describe('a path', () => {
  const byId = defineRoute({
    ...anything,
    method: 'get',
    path: '/v1/things/:id',
    params: idParams,
    access: 'public',
    answers,
    handle: async ({ params }) => ({ ok: true, status: 200, body: params }),
  });
  const literal = defineRoute({
    ...anything,
    method: 'get',
    path: '/v1/things/special',
    access: 'public',
    answers,
    handle: async () => ({ ok: true, status: 200, body: 'special' }),
  });

  test('that is not percent-encoded UTF-8 is malformed', async () => {
    const app = await serve({ routes: [byId] });
    const reply = await app.ask('/v1/things/%E0%A4%A');
    expect(outcomeOf(reply)).toBe('400 malformed_path');
  });

  test('with an id that is none is told so', async () => {
    const app = await serve({ routes: [byId] });
    const reply = await app.ask('/v1/things/..%2F..%2Fetc');
    expect(reply.status).toBe(422);
    expect(reply.text).toContain('id: must be a UUID');
  });

  test('without parameters goes before one with them', async () => {
    const app = await serve({ routes: [byId, literal] });
    expect((await app.ask('/v1/things/special')).json()).toBe('special');
  });

  test.each(['/', '/v1/HELLO', '/v1/hello/', '/v2'])('%s is not found', async (path) => {
    const app = await serve({ routes: [hello] });
    const reply = await app.ask(path);
    expect(outcomeOf(reply)).toBe('404 route_not_found');
  });

  test('twice in the table stops the start', async () => {
    await expect(serveApp({ routes: [hello, hello] })).rejects.toThrow('twice');
  });
});

describe('a method', () => {
  test('that a route does not have is refused, with those that it has', async () => {
    const app = await serve({ routes: [hello] });
    const reply = await app.ask('/v1/hello', { method: 'DELETE' });
    expect(reply.headers.allow).toBe('GET, HEAD, OPTIONS');
    expect(outcomeOf(reply)).toBe('405 method_not_allowed');
  });

  test('HEAD answers like GET, without a body', async () => {
    const app = await serve({ routes: [hello] });
    const [get, head] = [
      await app.ask('/v1/hello'),
      await app.ask('/v1/hello', { method: 'HEAD' }),
    ];
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  test('OPTIONS tells the methods, and invites no other site', async () => {
    const app = await serve({ routes: [hello] });
    const reply = await app.ask('/v1/hello', {
      method: 'OPTIONS',
      headers: { origin: 'http://elsewhere.example' },
    });
    expect(reply.status).toBe(204);
    expect(reply.headers.allow).toBe('GET, HEAD, OPTIONS');
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('the pages', () => {
  test('are served for what is no route, with a policy that lets their own files load', async () => {
    const pages: AppOptions['pages'] = (request, response, next) => {
      if (request.path === '/') response.end('<!doctype html>');
      else if (request.path === '/broken') next(new Error('broken'));
      else next();
    };
    const app = await serve({ routes: [hello], pages });
    const page = await app.ask('/');
    expect(page.text).toBe('<!doctype html>');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(outcomeOf(await app.ask('/v1/nothing'))).toBe('404 route_not_found');
    expect(outcomeOf(await app.ask('/nothing'))).toBe('404 route_not_found');
    expect(outcomeOf(await app.ask('/broken'))).toBe('500 internal_error');
    expect((await app.ask('/', { headers: { host: 'evil.example' } })).status).toBe(421);
  });
});

describe('every answer', () => {
  test('has the headers that keep browsers out of trouble', async () => {
    const app = await serve({ routes: [hello] });
    for (const path of ['/v1/hello', '/nowhere']) {
      const { headers } = await app.ask(path);
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
      });
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers.etag).toBeUndefined();
    }
  });

  test('has the id of its request: a harmless one that was sent, or one of our own', async () => {
    const app = await serve({ routes: [hello] });
    const idFor = async (sent: string): Promise<string | string[] | undefined> =>
      (await app.ask('/v1/hello', { headers: { 'x-request-id': sent } })).headers['x-request-id'];
    expect(await idFor('abc-123')).toBe('abc-123');
    expect(await idFor('<script>')).toMatch(/^[\da-f-]{36}$/u);
    expect(await idFor('x'.repeat(65))).toMatch(/^[\da-f-]{36}$/u);
  });
});

describe('what goes wrong', () => {
  test('unexpectedly is told with nothing but the request id, and logged with its stack', async () => {
    const error = new Error('secret detail');
    const app = await serve({ routes: [failing('/v1/bug', error)] });
    const reply = await app.ask('/v1/bug', { headers: { 'x-request-id': 'r-1' } });
    expect(outcomeOf(reply)).toBe('500 internal_error');
    expect(reply.text).toContain('r-1');
    expect(reply.text).not.toContain('secret');
    const line = app.lines.find(({ level }) => level === 'error');
    expect(line?.fields).toMatchObject({ request_id: 'r-1', route: '/v1/bug', error });
  });

  test('in what cannot be written as JSON is an internal error as a whole', async () => {
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    const route = defineRoute({
      ...anything,
      method: 'get',
      path: '/v1/loop',
      access: 'public',
      answers,
      handle: async () => ({ ok: true, status: 200, body: loop }),
    });
    const app = await serve({ routes: [route] });
    expect(outcomeOf(await app.ask('/v1/loop'))).toBe('500 internal_error');
  });

  test('with the database is told as such, with when to try again', async () => {
    const app = await serve({ routes: [failing('/v1/db', new DatabaseUnavailable('gone'))] });
    const reply = await app.ask('/v1/db');
    expect(reply.headers['retry-after']).toBe('2');
    expect(outcomeOf(reply)).toBe('503 database_unavailable');
    expect(app.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('after the time was over is answered already, aborted, and logged', async () => {
    const stuck = defineRoute({
      ...anything,
      method: 'get',
      path: '/v1/stuck',
      access: 'public',
      timeoutMs: 30,
      answers,
      handle: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('late')), { once: true });
        }),
    });
    const app = await serve({ routes: [stuck] });
    const reply = await app.ask('/v1/stuck');
    expect(outcomeOf(reply)).toBe('504 timed_out');
    await waitUntil('the late error is in the log', () =>
      app.lines.some(
        ({ fields }) => fields['error'] instanceof Error && fields['error'].message === 'late',
      ),
    );
    expect(app.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'request timed out' }),
    );
  });
});

describe('the site of a request', () => {
  test.each([
    ['127.0.0.1:8080', 200],
    ['[::1]', 200],
    ['localhost:1', 200],
    ['inn.example', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
  ])('is known by its Host %s: %d', async (host, status) => {
    const app = await serve({ routes: [hello], publicUrl: new URL('https://inn.example') });
    expect((await app.ask('/v1/hello', { headers: { host } })).status).toBe(status);
  });

  test('that is not ours may change nothing', async () => {
    const app = await serve({ routes: [echo] });
    const from = async (origin: string): Promise<number> =>
      (await app.ask('/v1/echo', { method: 'POST', json: { name: 'a' }, headers: { origin } }))
        .status;
    expect(await from(`http://127.0.0.1:${app.port}`)).toBe(200);
    expect(await from('http://127.0.0.1:1')).toBe(403);
    expect(await from('http://evil.example')).toBe(403);
    expect(await from('null')).toBe(403);
  });
});

describe('a route about a VM', () => {
  const vm: VmRecord = {
    id: '5f0c1b9e-3c5c-4e0f-9a5e-0d8c6a1b2c3d',
    key: 1,
    name: 'web',
    guestIp: undefined,
    agentPort: 8080,
    agentSocket: undefined,
    hostId: undefined,
    vmm: undefined,
    labels: { team: 'web' },
    enrolledAt: undefined,
    tlsPin: undefined,
    isLocal: false,
    createdAt: 0,
    updatedAt: 0,
  };

  const scopeOf = (text: string): Actor['scope'] => {
    const parsed = parseLabelSelector(text);
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.selector;
  };

  const as = (actor: Pick<Actor, 'role' | 'scope'>): Pick<Authenticator, 'authenticate'> => ({
    authenticate: () => ({
      ok: true,
      actor: { kind: 'token', id: vm.id, name: 'x', ...actor },
      csrfToken: undefined,
    }),
  });

  const remove = defineRoute({
    ...anything,
    method: 'delete',
    path: '/v1/vms/:id',
    params: idParams,
    body: z.strictObject({ reason: z.string() }),
    access: { action: 'vm.delete', vm: 'id' },
    answers,
    handle: async ({ vm: found }) => ({ ok: true, status: 200, body: found.name }),
  });

  test.each([
    ['an admin', { role: 'admin', scope: undefined }, 200],
    ['an admin of this team', { role: 'admin', scope: scopeOf('team=web') }, 200],
    ['an admin of another team', { role: 'admin', scope: scopeOf('team=db') }, 404],
    ['an operator', { role: 'operator', scope: undefined }, 403],
    ['an operator of another team', { role: 'operator', scope: scopeOf('team=db') }, 403],
  ] as const)('answers %s %o with %d', async (_, actor, status) => {
    const findVm = (id: string): VmRecord | undefined => (id === vm.id ? vm : undefined);
    const app = await serve({ routes: [remove], findVm, authenticator: as(actor) });
    const question = { method: 'DELETE', json: { reason: 'old' } };
    // Upper case is the same id.
    expect((await app.ask(`/v1/vms/${vm.id.toUpperCase()}`, question)).status).toBe(status);
  });

  test('checks who asks before it looks at the body', async () => {
    const findVm = (): VmRecord => vm;
    const question = {
      method: 'DELETE',
      body: '{',
      headers: { 'content-type': 'application/json' },
    };
    const path = `/v1/vms/${vm.id}`;
    const app = await serve({ routes: [remove], findVm });
    expect((await app.ask(path, question)).status).toBe(401);
    await app.stop();
    const viewer = as({ role: 'viewer', scope: undefined });
    const other = await serve({ routes: [remove], findVm, authenticator: viewer });
    expect((await other.ask(path, question)).status).toBe(403);
  });
});

describe('the access log', () => {
  test('has a line at debug for a look, and at info for a change', async () => {
    const seen: unknown[] = [];
    const app = await serve({
      routes: [hello, echo],
      onAnswered: ({ method, route, status, seconds }) =>
        seen.push([method, route, status, seconds >= 0]),
    });
    await app.ask('/v1/hello?x=1', { headers: { 'x-request-id': 'look' } });
    await app.ask('/v1/hello', { headers: { 'x-request-id': 'look2' } });
    await app.ask('/v1/echo', {
      method: 'POST',
      json: { name: 'a' },
      headers: { 'x-request-id': 'change' },
    });
    await waitUntil('three lines', () => app.lines.length >= 3);
    expect(seen).toEqual([
      ['GET', '/v1/hello', 422, true],
      ['GET', '/v1/hello', 200, true],
      ['POST', '/v1/echo', 200, true],
    ]);
    const lineOf = (id: string) => app.lines.find(({ fields }) => fields['request_id'] === id);
    expect(lineOf('look2')).toMatchObject({
      level: 'debug',
      fields: { method: 'GET', route: '/v1/hello', status: 200, remote_address: '127.0.0.1' },
    });
    expect(lineOf('look')).toMatchObject({ level: 'debug', fields: { status: 422 } });
    expect(lineOf('change')).toMatchObject({ level: 'info', fields: { route: '/v1/echo' } });
  });
});
