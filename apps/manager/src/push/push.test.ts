/** Who may connect, how connections end, and what hostile events do. */
import { request } from 'node:http';
import { io } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { openRawClient } from './testing/raw-client.ts';
import { vmId } from './testing/fake-fleet.ts';
import {
  connected,
  disconnected,
  sendAnything,
  subscribeFleet,
  subscribeVm,
} from './testing/listen.ts';
import {
  startPushServer,
  type PushServerOfTest,
  type PushServerOptions,
} from './testing/push-server.ts';

let server: PushServerOfTest | undefined;
const start = async (options?: PushServerOptions): Promise<PushServerOfTest> => {
  server = await startPushServer(options);
  return server;
};
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** The handshake of engine.io, by hand. */
const handshake = async (
  port: number,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | undefined; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const path = `/socket.io/?EIO=4&transport=polling${query}`;
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode, text });
      });
    })
      .on('error', reject)
      .end();
  });

describe('connecting', () => {
  test.each([['websocket'], ['polling']])('works with auth.token over %s', async (transport) => {
    const { connect, push } = await start();
    expect(await connected(connect({ transports: [transport] }))).toBeUndefined();
    expect(push.stats().connections).toBe(1);
  });

  test('works with the cookie of a browser, and upgrades from polling', async () => {
    const { connect } = await start();
    const client = connect({
      auth: {},
      transports: ['polling', 'websocket'],
      extraHeaders: { cookie: 'session=everything' },
    });
    expect(await connected(client)).toBeUndefined();
    await waitUntil('it has upgraded', () => client.io.engine.transport.name === 'websocket');
    expect(await subscribeFleet(client)).toStrictEqual({ ok: true });
  });

  test.each([
    ['without anything', {}],
    ['with an unknown token', { token: 'unknown' }],
    ['with a token that is no text', { token: 5 }],
    ['with an empty token', { token: '' }],
  ])('is refused as unauthenticated %s', async (_how, auth) => {
    const { connect, push } = await start();
    const refusal = await connected(connect({ auth }));
    expect(refusal?.data).toMatchObject({ code: 'unauthenticated' });
    expect(push.stats()).toMatchObject({ connections: 0, signInsRefused: 1 });
  });

  test('is refused with a token in the URL, and the answer does not repeat it', async () => {
    const { port, push } = await start();
    for (const name of ['token', 'access_token', 'Authorization', 'session']) {
      const { status, text } = await handshake(port, `&${name}=everything`);
      expect(status, name).toBe(403);
      expect(text).toContain('a token must not stand in the URL: send it as auth.token');
      expect(text).not.toContain('everything');
    }
    expect(push.stats().handshakesRefused.token_in_url).toBe(4);
  });

  test('is refused from a page of another origin, and under a foreign host name', async () => {
    const { port, push } = await start();
    const foreign = await handshake(port, '', { origin: 'http://evil.example' });
    expect(foreign.status).toBe(403);
    const rebound = await handshake(port, '', { host: 'evil.example' });
    expect(rebound.status).toBe(403);
    const own = await handshake(port, '', { origin: `http://127.0.0.1:${port}` });
    expect(own.status).toBe(200);
    expect(push.stats().handshakesRefused).toMatchObject({ origin: 1, host: 1 });
  });

  test('leaves everything else to the rest of the HTTP server', async () => {
    const { port } = await start();
    const answer = await fetch(`http://127.0.0.1:${port}/other`);
    expect(await answer.text()).toBe('the rest of the manager');
  });

  test('is limited overall', async () => {
    const { connect, port, push } = await start({ limits: { maxConnections: 2 } });
    expect(await connected(connect())).toBeUndefined();
    expect(await connected(connect())).toBeUndefined();
    expect((await handshake(port, '')).text).toContain('too many connections');
    expect(push.stats().handshakesRefused.too_many).toBe(1);
  });

  test('is limited for each actor, and room is made when one leaves', async () => {
    const { connect, push } = await start({ limits: { maxConnectionsPerActor: 1 } });
    const first = connect();
    expect(await connected(first)).toBeUndefined();
    const second = await connected(connect());
    expect(second?.data).toMatchObject({ code: 'too_many_connections' });
    expect(await connected(connect({ auth: { token: 'web' } }))).toBeUndefined();
    first.disconnect();
    await waitUntil('it has left', () => push.stats().connections === 1);
    expect(await connected(connect())).toBeUndefined();
  });

  test('gives one try at signing in for each connection', async () => {
    const { port, push } = await start();
    const client = await openRawClient(port);
    client.send('40{"token":"guess"}');
    client.send('40{"token":"everything"}');
    await waitUntil('it is closed', () => client.isClosed());
    expect(client.heard()).toContain('unauthenticated');
    expect(client.heard()).not.toContain('40{"sid"');
    expect(push.stats().connections).toBe(0);
  });
});

describe('the end of a session', () => {
  test('is told and disconnects at once, and only those of that session', async () => {
    const { connect, authenticator, push, readings, vms } = await start();
    const client = connect();
    const other = connect({ auth: { token: 'web' } });
    await Promise.all([connected(client), connected(other)]);
    await subscribeVm(client, vmId(1));
    const told: { code: string }[] = [];
    client.on('session:ended', (reason) => told.push(reason));
    const gone = disconnected(client);
    let after = 0;
    authenticator.revoke('everything', true);
    client.on('vm', () => (after += 1));
    const vm = vms.get(vmId(1));
    if (vm !== undefined) readings.push(vm);
    await gone;
    expect(told).toStrictEqual([
      { code: 'unauthenticated', message: 'the session has ended: sign in again' },
    ]);
    expect(after).toBe(0);
    expect(other.connected).toBe(true);
    await waitUntil('it is counted', () => push.stats().connections === 1);
    expect(push.stats().closed.session_ended).toBe(1);
    expect(push.stats().vm.subscriptions).toBe(0);
  });

  test('is found out where nobody has told', async () => {
    const { connect, authenticator, push } = await start({ limits: { recheckIntervalMs: 50 } });
    const client = connect({ transports: ['polling'] });
    await connected(client);
    const gone = disconnected(client);
    authenticator.revoke('everything', false);
    await gone;
    expect(push.stats().closed.session_ended).toBe(1);
  });
});

describe('events of clients', () => {
  test('are acknowledged with an error when nobody knows them', async () => {
    const { connect, push } = await start();
    const client = connect();
    await connected(client);
    const answer = await new Promise<unknown>((resolve) => {
      sendAnything(client, 'logs:everything', { a: 1 }, resolve);
    });
    expect(answer).toMatchObject({ ok: false, error: { code: 'unknown_event' } });
    expect(push.stats().unknownEvents).toBe(1);
  });

  test('do no harm without a callback, with odd names, or with odd payloads', async () => {
    const { connect, push, errors } = await start();
    const client = connect();
    await connected(client);
    const odd: [string, ...unknown[]][] = [
      ['fleet:subscribe'],
      ['fleet:unsubscribe', 'x', 1],
      ['vm:subscribe'],
      ['vm:subscribe', null],
      ['vm:subscribe', { vm_id: 5 }],
      ['vm:unsubscribe', [[[]]]],
      ['__proto__', { constructor: 1 }],
      ['error', 'x'],
      ['toString'],
      ['', 0],
      ['vm:subscribe', new Uint8Array([1, 2])],
    ];
    for (const [name, ...args] of odd) sendAnything(client, name, ...args);
    await waitUntil('all have come', () => push.stats().events === odd.length);
    expect(errors).toStrictEqual([]);
    expect(push.stats().failedEvents).toBe(0);
    expect(client.connected).toBe(true);
  });

  test.each([
    ['no UUID', { vm_id: 'x' }, 'vm_id'],
    ['nothing', undefined, 'payload'],
    ['more than is asked', { vm_id: vmId(1), more: 1 }, 'payload'],
  ])('are refused with the field that is wrong: %s', async (_what, payload, field) => {
    const { connect } = await start();
    const client = connect();
    await connected(client);
    const answer: unknown = await new Promise((resolve) => {
      const args = payload === undefined ? [resolve] : [payload, resolve];
      sendAnything(client, 'vm:subscribe', ...args);
    });
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect(JSON.stringify(answer)).toContain(field);
  });

  test('are limited by rate, and too many close the connection', async () => {
    const { connect, push } = await start({
      limits: { eventBurst: 5, eventsPerSecond: 0.001, maxRefusedEvents: 10 },
    });
    const client = connect();
    await connected(client);
    const gone = disconnected(client);
    const codes: (string | undefined)[] = [];
    const send = (count: number): void => {
      for (let index = 0; index < count; index += 1) {
        client.emit('fleet:unsubscribe', ({ error }) => codes.push(error?.code));
      }
    };
    send(6);
    // What is still to be answered when the connection closes is never answered.
    await waitUntil('six are answered', () => codes.length === 6);
    send(24);
    await gone;
    expect(codes.slice(0, 6)).toStrictEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      'too_many_events',
    ]);
    expect(push.stats().closed.too_many_events).toBe(1);
    expect(push.stats().refusedEvents).toBe(11);
  });

  test('that are too large close the connection', async () => {
    const { connect, push } = await start();
    const client = connect();
    await connected(client);
    const gone = disconnected(client);
    sendAnything(client, 'vm:subscribe', 'x'.repeat(100_000));
    await gone;
    await waitUntil('it is gone', () => push.stats().connections === 0);
    expect(push.stats().events).toBe(0);
  });
});

describe('stopping', () => {
  test('closes everyone, takes nobody new, and listens to nothing any more', async () => {
    const { connect, push, logHub, vms, readings, authenticator, port } = await start();
    const clients = [connect(), connect({ transports: ['polling'] })];
    await Promise.all(clients.map(async (client) => connected(client)));
    for (const client of clients) await subscribeFleet(client);
    const gone = Promise.all(clients.map(async (client) => disconnected(client)));
    await push.stop();
    expect(push.stats().connections).toBe(0);
    expect(push.stats().closed.stopped).toBe(2);
    await logHub.stop();
    expect([vms.listeners(), readings.listeners(), authenticator.listeners()]).toStrictEqual([
      0, 0, 0,
    ]);
    await gone;
    const late = io(`http://127.0.0.1:${port}`, { reconnection: false, forceNew: true });
    expect((await handshake(port, '')).text).toContain('the manager is stopping');
    late.disconnect();
  });
});
