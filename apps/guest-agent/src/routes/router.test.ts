import { errorBodySchema } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import type { Access } from '../auth/access.ts';
import { jsonAnswer } from '../http/answer.ts';
import type { HttpResponse } from '../http/message.ts';
import { makeRequest, type RequestParts } from '../testing/make-request.ts';
import type { Route } from './route.ts';
import { makeRouter } from './router.ts';

const route = (path: string, methods: readonly string[], query: readonly string[]): Route => ({
  path,
  methods,
  query,
  access: { scope: 'metrics', beforeEnrolment: 'everybody', openToLoopback: true },
  handle: ({ method }) => jsonAnswer({ path, method }),
});

const ROUTES = [
  route('/metrics', ['GET'], ['format']),
  route('/exec', ['POST', 'PUT'], []),
  route('/exec/:id', ['GET'], []),
  route('/exec/:id/events', ['GET'], []),
];
const PATHS = '/metrics, /exec, /exec/:id, /exec/:id/events';

const ask = async (parts: RequestParts, access: Access = () => undefined): Promise<HttpResponse> =>
  makeRouter(ROUTES, access)(makeRequest(parts));

const errorOf = ({ body }: HttpResponse): { code: string; message: string } =>
  errorBodySchema.parse(JSON.parse(body)).error;

describe('makeRouter', () => {
  it.each([
    ['GET', '/metrics'],
    ['HEAD', '/metrics?format=json'],
    ['POST', '/exec'],
    ['PUT', '/exec'],
  ])('leads %s %s to its route', async (method, target) => {
    const response = await ask({ method, target });
    expect(response.status).toBe(200);
    expect(JSON.parse(response.body)).toEqual({ path: target.split('?')[0], method });
  });

  it.each([
    ['/exec/7', '/exec/:id'],
    ['/exec/a%20b', '/exec/:id'],
    ['/exec/events', '/exec/:id'],
    ['/exec/7/events', '/exec/:id/events'],
  ])('leads %s to the route %s', async (target, path) => {
    const response = await ask({ target });
    expect(JSON.parse(response.body)).toEqual({ path, method: 'GET' });
  });

  it.each([
    '/exec/',
    '/exec//events',
    '/exec/7/',
    '/exec/7/event',
    '/exec/7/events/x',
    '/exec/%2f',
  ])('knows no %s', async (target) => {
    expect((await ask({ target })).status).toBe(404);
  });

  it.each(['/', '/metric', '/metrics/', '/Metrics', '//metrics', '/metrics/../exec', '/__proto__'])(
    'answers 404 for %s, and says what there is',
    async (target) => {
      const response = await ask({ target });
      expect(response.status).toBe(404);
      expect(errorOf(response)).toEqual({
        code: 'not_found',
        message: `there is no ${JSON.stringify(target)}; this agent serves ${PATHS}`,
      });
    },
  );

  it.each([
    ['POST', '/metrics', 'GET, HEAD'],
    ['get', '/metrics', 'GET, HEAD'],
    ['OPTIONS', '/metrics', 'GET, HEAD'],
    ['HEAD', '/exec', 'POST, PUT'],
    ['GET', '/exec', 'POST, PUT'],
  ])('answers 405 to %s %s, and says what is allowed', async (method, target, allowed) => {
    const response = await ask({ method, target });
    expect(response.status).toBe(405);
    expect(response.headers).toEqual({ Allow: allowed });
    expect(errorOf(response).message).toContain(JSON.stringify(method));
  });

  it.each([
    ['/metrics?formt=json', '"formt"', 'format'],
    ['/metrics?format=json&x', '"x"', 'format'],
    ['/exec?id=7', '"id"', 'no parameters'],
    ['/metrics?__proto__=1', '"__proto__"', 'format'],
    ['/metrics?=1', '""', 'format'],
  ])('answers 422 to %s, and says what is taken', async (target, name, accepted) => {
    const response = await ask({ target, method: target.startsWith('/exec') ? 'POST' : 'GET' });
    expect(response.status).toBe(422);
    expect(errorOf(response).message).toContain(`unknown parameter ${name}`);
    expect(errorOf(response).message).toContain(accepted);
  });

  it('bounds how often one parameter may be given', async () => {
    const given = (count: number): string => `/metrics?${'format=a&'.repeat(count)}`;
    expect((await ask({ target: given(64) })).status).toBe(200);
    expect((await ask({ target: given(65) })).status).toBe(422);
  });

  it('quotes what it was asked in a bounded form', async () => {
    const response = await ask({ target: `/${'x'.repeat(10_000)}` });
    expect(errorOf(response).message.length).toBeLessThan(200);
  });

  describe('when access is refused', () => {
    const refuse =
      (status: number): Access =>
      () => ({ status, code: 'no', message: 'no' });

    it.each([
      ['a route', { target: '/metrics' }],
      ['a route with another method', { target: '/metrics', method: 'DELETE' }],
      ['a route with an unknown parameter', { target: '/metrics?x=1' }],
      ['what is no route', { target: '/nothing' }],
    ])('says the same for %s, so that nobody learns what there is', async (_, parts) => {
      const response = await ask(parts, refuse(403));
      expect(response).toMatchObject({ status: 403, headers: {} });
      expect(errorOf(response)).toEqual({ code: 'no', message: 'no' });
    });

    it('says with 401 how to authenticate', async () => {
      expect((await ask({ target: '/metrics' }, refuse(401))).headers).toEqual({
        'WWW-Authenticate': 'Bearer',
      });
    });
  });

  it('hands access the rule of the route, and none where there is no route', async () => {
    const rules: unknown[] = [];
    const access: Access = (_, rule) => {
      rules.push(rule);
      return undefined;
    };
    await ask({ target: '/metrics' }, access);
    await ask({ target: '/nothing' }, access);
    expect(rules).toEqual([ROUTES[0]?.access, undefined]);
  });
});
