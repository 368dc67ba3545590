/** Who may ask what, over the wire: loopback and remote peers, before and after enrolment. */
import { networkInterfaces } from 'node:os';
import { errorBodySchema } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { ask, type HttpAddress, type HttpReply } from '../support/http-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';

const VM_ID = '018f3a52-0c39-7d6e-b2c4-6b1f5a0e9d11';

/** Asked through it, the agent sees a peer that is not on loopback. */
const ownAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

const expectAnswer = (reply: HttpReply, expected: number | string): void => {
  if (typeof expected === 'number') return expect(reply.status).toBe(expected);
  const code = reply.status === 200 ? 'ok' : errorBodySchema.parse(reply.json()).error.code;
  return expect(`${reply.status} ${code}`).toBe(expected);
};

const PEERS = [
  ['loopback', '127.0.0.1'],
  ['a remote peer', ownAddress],
] as const;

const skipReason = 'this machine has no address but loopback';

describe.each(AGENT_BUILDS)('$name, not enrolled', (build) => {
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await startAgent({ build, args: ['--listen', '0.0.0.0:0'] });
  });
  afterAll(async () => void (await agent.stop()));

  describe.each(PEERS)('to %s', (peer, host) => {
    const isLocal = peer === 'loopback';
    test.for([
      ['GET', '/health', '200 ok'],
      ['GET', '/metrics', '200 ok'],
      ['GET', '/metrics?format=json', '200 ok'],
      ['GET', '/info', isLocal ? '200 ok' : '403 not_enrolled'],
      ['GET', '/processes', isLocal ? '200 ok' : '403 not_enrolled'],
      ['POST', '/exec', '403 not_enrolled'],
      ['GET', '/logs', '403 not_enrolled'],
      ['PUT', '/files?path=/etc/passwd', '403 not_enrolled'],
      ['POST', '/power', '403 not_enrolled'],
    ] as const)('%s %s answers %s', async ([method, path, expected], context) => {
      if (host === undefined) return context.skip(skipReason);
      return expectAnswer(await ask({ host, port: agent.port }, path, { method }), expected);
    });
  });

  test('a page that points its own name at loopback does not count as loopback', async () => {
    const headers = { host: 'evil.example:8080' };
    expectAnswer(await ask(agent.address, '/info', { headers }), '403 not_enrolled');
    const local = { host: 'localhost:8080' };
    expectAnswer(await ask(agent.address, '/info', { headers: local }), '200 ok');
  });
});

describe.each(AGENT_BUILDS)('$name, enrolled with two keys of its manager', (build) => {
  const current = makeManagerKey();
  const next = makeManagerKey();
  const stranger = makeManagerKey();
  let agent: AgentProcess;

  beforeAll(async () => {
    agent = await startAgent({
      build,
      args: ['--listen', '0.0.0.0:0'],
      config: { vm_id: VM_ID, manager_keys: [current.publicKey, next.publicKey] },
    });
  });
  afterAll(async () => void (await agent.stop()));

  const claims = { aud: VM_ID, scope: 'metrics', exp: secondsFromNow(60) };
  const good = current.sign(claims);
  const [header = '', payload = '', signature = ''] = good.split('.');
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['/health', '200 ok'],
    ['/metrics', '200 ok'],
    ['/info', '401 unauthenticated'],
    ['/processes', '401 unauthenticated'],
    ['/nowhere', '401 unauthenticated'],
  ])('without a token, loopback asking for %s gets %s', async (path, expected) => {
    expectAnswer(await ask(agent.address, path), expected);
  });

  test('without a token, a page that points its own name at loopback gets nothing', async () => {
    const reply = await ask(agent.address, '/metrics', { headers: { host: 'evil.example' } });
    expectAnswer(reply, '401 unauthenticated');
  });

  test('loopback may look without a token, and change nothing', async () => {
    const reply = await ask(agent.address, '/metrics', { method: 'POST' });
    expectAnswer(reply, '401 unauthenticated');
  });

  describe('to a remote peer', () => {
    const remote = (context: { skip(reason: string): never }): HttpAddress =>
      ownAddress === undefined ? context.skip(skipReason) : { host: ownAddress, port: agent.port };

    test.for(['/health', '/metrics', '/info', '/processes', '/nowhere'])(
      '%s without a token is 401, which says how to authenticate',
      async (path, context) => {
        const reply = await ask(remote(context), path);
        expectAnswer(reply, '401 unauthenticated');
        expect(reply.headers['www-authenticate']).toBe('Bearer');
      },
    );

    test.for(['/health', '/metrics', '/metrics?format=json', '/info', '/processes'])(
      '%s opens to a metrics token, which serves again and again',
      async (path, context) => {
        const address = remote(context);
        for (const attempt of [1, 2]) {
          const reply = await ask(address, path, { headers: bearer(good) });
          expect(reply.status, `attempt ${attempt}`).toBe(200);
        }
      },
    );

    test.for([
      ['signed by the second key', next.sign(claims), '/info', '200 ok'],
      ['of several scopes', current.sign({ ...claims, scope: 'logs metrics' }), '/info', '200 ok'],
      ['of another scope', current.sign({ ...claims, scope: 'logs' }), '/info', '403 forbidden'],
      ['of any scope', current.sign({ ...claims, scope: 'logs' }), '/health', '200 ok'],
      ['without a scope', current.sign({ ...claims, scope: '' }), '/metrics', '403 forbidden'],
      [
        'of a scope that only starts like it',
        current.sign({ ...claims, scope: 'metricsx' }),
        '/metrics',
        '403 forbidden',
      ],
      ['signed by a stranger', stranger.sign(claims), '/info', '401 unauthenticated'],
      [
        'for another VM',
        current.sign({ ...claims, aud: VM_ID.replace('0', '1') }),
        '/info',
        '401 unauthenticated',
      ],
      [
        'that has expired',
        current.sign({ ...claims, exp: secondsFromNow(-1) }),
        '/info',
        '401 unauthenticated',
      ],
      [
        'that is not valid yet',
        current.sign({ ...claims, nbf: secondsFromNow(60) }),
        '/info',
        '401 unauthenticated',
      ],
      [
        'with other claims than were signed',
        `${header}.${encode({ ...claims, scope: 'exec' })}.${signature}`,
        '/info',
        '401 unauthenticated',
      ],
      [
        'without a signature',
        `${encode({ alg: 'none' })}.${payload}.`,
        '/info',
        '401 unauthenticated',
      ],
      [
        'of another algorithm',
        current.sign(claims, { alg: 'HS256' }),
        '/info',
        '401 unauthenticated',
      ],
      ['that is no token', 'letmein', '/info', '401 unauthenticated'],
    ] as const)('a token %s', async ([, token, path, expected], context) => {
      const reply = await ask(remote(context), path, { headers: bearer(token) });
      expectAnswer(reply, expected);
    });

    test('a token in the query opens nothing', async (context) => {
      const reply = await ask(remote(context), `/metrics?token=${good}`);
      expectAnswer(reply, '401 unauthenticated');
    });

    test('a metrics token changes nothing', async (context) => {
      const reply = await ask(remote(context), '/metrics', {
        method: 'POST',
        headers: bearer(good),
      });
      expectAnswer(reply, '401 unauthenticated');
    });

    test('a token that expires while it is in use stops to open', async (context) => {
      const address = remote(context);
      const exp = secondsFromNow(2);
      const short = current.sign({ ...claims, exp });
      expectAnswer(await ask(address, '/metrics', { headers: bearer(short) }), '200 ok');
      let reply = await ask(address, '/health', { headers: bearer(short) });
      while (reply.status === 200 && Date.now() < exp * 1000 + 3_000) {
        reply = await ask(address, '/health', { headers: bearer(short) });
      }
      expectAnswer(reply, '401 unauthenticated');
      expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    });
  });
});
