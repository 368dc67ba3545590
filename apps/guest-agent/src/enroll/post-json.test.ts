/** Against a socket that says whatever it likes. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { nodePlatform } from '../platform/node/platform.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { postJson } from './post-json.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
const closed = async (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map(async (server) => closed(server)));
});

const serve = async (answer: (asked: string, socket: Socket) => void) => {
  const started = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    let asked = '';
    socket.on('data', (chunk) => {
      asked += chunk.toString();
      if (asked.endsWith('}')) answer(asked, socket);
    });
  }).listen(0, '127.0.0.1');
  servers.push(started);
  await once(started, 'listening');
  const address = started.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { host: '127.0.0.1', port, authority: `127.0.0.1:${port}`, prefix: '/at' };
};

const answered = (text: string) => async () => {
  const place = await serve((_, socket) => socket.end(text));
  return postJson(nodePlatform, place, '/v1/x', { a: 'ä' });
};

describe('postJson', () => {
  it('asks in one piece, and takes an answer of any length that is whole', async () => {
    let question = '';
    const place = await serve((asked, socket) => {
      question = asked;
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"ä');
    });
    const reply = await postJson(nodePlatform, place, '/v1/x', { a: 'ä' });
    expect(reply).toEqual({ ok: true, value: { status: 200, body: '"ä' } });
    expect(question).toBe(
      `POST /at/v1/x HTTP/1.0\r\nHost: ${place.authority}\r\n` +
        'Content-Type: application/json\r\nAccept: application/json\r\n' +
        'Content-Length: 10\r\n\r\n{"a":"ä"}',
    );
    const open = await answered('HTTP/1.0 404 No\r\nX: y\r\n\r\nto its end')();
    expect(open).toEqual({ ok: true, value: { status: 404, body: 'to its end' } });
  });

  it.each([
    ['nothing', ''],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['less than it promised', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
    ['more than it promised', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc'],
  ])('says so of %s', async (_, text) => {
    expect(await answered(text)()).toMatchObject({ ok: false, error: { code: 'EPROTO' } });
  });

  it('reads no more than it has room for', async () => {
    const place = await serve((_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.write(Buffer.alloc(1_000_000, 'x'));
    });
    const reply = await postJson(nodePlatform, place, '/v1/x', {});
    expect(reply).toMatchObject({ ok: false, error: { code: 'E2BIG' } });
  });

  it('gives up on a server that says nothing', async () => {
    const clock = makeFakeClock();
    let asked = false;
    const place = await serve(() => {
      asked = true;
    });
    const replied = postJson({ ...nodePlatform, clock }, place, '/v1/x', {});
    await waitUntil('it is asked', () => asked);
    clock.advance(15_000);
    expect(await replied).toMatchObject({ ok: false, error: { code: 'ETIMEDOUT' } });
    expect(clock.pendingTimers()).toBe(0);
  });

  it('says that nobody is there', async () => {
    const place = await serve(() => undefined);
    await Promise.all(servers.splice(0).map(async (server) => closed(server)));
    const reply = await postJson(nodePlatform, place, '/v1/x', {});
    expect(reply).toMatchObject({ ok: false, error: { code: 'ECONNREFUSED' } });
  });
});
