/** What those may cost who have not signed in yet, and that they keep nobody else out. */
import { afterEach, expect, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { connected } from './testing/listen.ts';
import { startPushServer, type PushServerOfTest } from './testing/push-server.ts';
import { openRawClient, type RawClient } from './testing/raw-client.ts';

let server: PushServerOfTest | undefined;
const raw: RawClient[] = [];
afterEach(async () => {
  for (const client of raw.splice(0)) client.destroy();
  await server?.stop();
  server = undefined;
});

const LIMITS = { maxWaiting: 5, maxWaitingPerNetwork: 2, maxConnectionsPerActor: 3 };

const start = async (): Promise<PushServerOfTest> => {
  server = await startPushServer({ limits: LIMITS });
  return server;
};

/** A connection that does not sign in. */
const wait = async (headers: Readonly<Record<string, string>> = {}): Promise<RawClient> => {
  const client = await openRawClient(server?.port ?? 0, headers);
  raw.push(client);
  return client;
};
const from = (network: string) => ({ 'x-test-network': network });

test('strangers of one network have a few connections, and others have their own', async () => {
  const { push, connect } = await start();
  await wait();
  const second = await wait();
  await expect(wait()).rejects.toThrow('too many connections');
  expect(push.stats().handshakesRefused.too_many).toBe(1);
  await wait(from('elsewhere'));

  second.destroy();
  await waitUntil('there is room again', async () => {
    return (await connected(connect())) === undefined;
  });
});

test('whoever signs in makes room for the next of the network', async () => {
  const { connect, push } = await start();
  for (let count = 0; count < LIMITS.maxConnectionsPerActor; count += 1) {
    expect(await connected(connect())).toBeUndefined();
  }
  expect(push.stats().connections).toBe(3);
  expect(await connected(connect({ auth: { token: 'web' } }))).toBeUndefined();
});

test('strangers of many networks do not keep out a browser with a session', async () => {
  const { connect } = await start();
  for (const network of ['a', 'b', 'c', 'd', 'e']) await wait(from(network));
  await expect(wait(from('f'))).rejects.toThrow('too many connections');
  const extraHeaders = { cookie: 'session=everything' };
  expect(await connected(connect({ auth: {}, extraHeaders }))).toBeUndefined();
});

test('a session has as many connections that do not go on as it may have connections', async () => {
  await start();
  const cookie = { cookie: 'session=everything' };
  for (let count = 0; count < LIMITS.maxConnectionsPerActor; count += 1) await wait(cookie);
  await expect(wait(cookie)).rejects.toThrow('too many connections');
});

test('a stranger who talks instead of signing in is cut off', async () => {
  await start();
  const client = await wait();
  for (let count = 0; count < 5; count += 1) client.send(`40/nowhere${count},`);
  await waitUntil('the last is answered', () => client.heard().includes('nowhere4'));
  expect(client.isClosed()).toBe(false);
  client.send('40/nowhere5,');
  await waitUntil('it is cut off', () => client.isClosed());
});

test('whoever has signed in may talk', async () => {
  await start();
  const client = await wait();
  client.send('40{"token":"everything"}');
  for (let count = 0; count < 20; count += 1) client.send(`42${count}["fleet:unsubscribe"]`);
  await waitUntil('all are answered', () => client.heard().includes('4319['));
  expect(client.isClosed()).toBe(false);
});

test.each(['&j=0', '&t=?&j=0', '&%6A=0', '&j='])(
  'a page of another origin cannot load messages as a script: %s',
  async (query) => {
    const { port, push } = await start();
    const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling${query}`;
    const answer = await fetch(url, { headers: { cookie: 'session=everything' } });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('JSONP is not possible');
    expect(push.stats().handshakesRefused.jsonp).toBe(1);
  },
);

test('answers to polls say that they are no script and for no other origin', async () => {
  const { port } = await start();
  const answer = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
});
