import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../../../../test/support/http-client.ts';
import { makeRecordingLog } from '../../../../test/support/http-served-app.ts';
import { openRaw } from '../../../../test/support/raw-connection.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { listen, type Listening, type ListenOptions } from './listen.ts';

const open: Listening[] = [];

const serve = async (
  handler: RequestListener,
  stopWithinMs = 5_000,
  limits: Pick<ListenOptions, 'stalledAfterMs' | 'maxConnectionsPerNetwork'> = {},
): Promise<Listening> => {
  const { log } = makeRecordingLog();
  const place = { host: '127.0.0.1', port: 0 };
  const served = await listen({ handler, ...place, log, stopWithinMs, ...limits });
  if (!served.ok) throw new Error(served.problem);
  open.push(served.listening);
  return served.listening;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.stop()));
});

const GET = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

describe('the server', () => {
  test('tells in a sentence why it cannot listen', async () => {
    const { log } = makeRecordingLog();
    const first = await serve((_request, response) => response.end());
    const { port } = first;
    const second = await listen({ handler: () => {}, host: '127.0.0.1', port, log });
    expect(second).toEqual({
      ok: false,
      problem: `cannot listen on 127.0.0.1 port ${port}: something else listens there already`,
    });
  });

  test('refuses headers of more than 16 KiB', async () => {
    const server = await serve((_request, response) => response.end());
    const connection = await openRaw(server);
    connection.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 431 /u);
  });

  test.each([
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\nx y: 1\r\n\r\n',
    '\u0000\u0001',
  ])('answers %j with 400', async (bytes) => {
    const server = await serve((_request, response) => response.end());
    const connection = await openRaw(server);
    connection.write(bytes);
    expect(await connection.waitFor(/\r\n/u)).toMatch(/^HTTP\/1\.1 400 /u);
    connection.destroy();
  });
});

describe('a connection', () => {
  test('on which nobody takes the answer is cut off', async () => {
    let hasClosed = false;
    const server = await serve(
      (_request, response) => {
        response.on('close', () => {
          hasClosed = true;
        });
        // More than the buffers of both kernels hold.
        response.end(Buffer.alloc(64 * 1024 * 1024));
      },
      5_000,
      { stalledAfterMs: 100 },
    );
    const connection = await openRaw(server);
    connection.socket.pause();
    connection.write(GET);
    await waitUntil('it is cut off', () => hasClosed);
    expect(connection.received().length).toBeLessThan(64 * 1024 * 1024);
    connection.destroy();
  });

  test('is one of a limited number of its network, and leaves room when it goes', async () => {
    const server = await serve((_request, response) => response.end('x'), 5_000, {
      maxConnectionsPerNetwork: 2,
    });
    const first = await openRaw(server);
    const second = await openRaw(server);
    const third = await openRaw(server);
    expect(await third.closed()).toBe('');
    second.write(GET);
    expect(await second.waitFor(/x$/u)).toMatch(/^HTTP\/1\.1 200 /u);
    first.destroy();
    await waitUntil('there is room again', async () => {
      const fourth = await openRaw(server);
      fourth.write(GET);
      try {
        return (await fourth.waitFor(/x$/u)).startsWith('HTTP/1.1 200 ');
      } catch {
        return false;
      } finally {
        fourth.destroy();
      }
    });
    second.destroy();
  });
});

describe('a stop', () => {
  test('closes idle connections at once and accepts no more', async () => {
    const server = await serve((_request, response) => response.end('x'));
    const idle = await openRaw(server);
    idle.write(GET);
    await idle.waitFor(/\r\n\r\n1\r\nx|\r\n\r\nx/u);
    await server.stop();
    await idle.closed();
    await expect(ask(server, '/')).rejects.toThrow('ECONNREFUSED');
  });

  test('lets a request under way finish, and then closes its connection', async () => {
    let finish = (): void => {};
    let isAsked = false;
    const server = await serve((_request, response) => {
      isAsked = true;
      finish = () => response.end('finished');
    });
    const busy = await openRaw(server);
    busy.write(GET);
    await waitUntil('the request is under way', () => isAsked);
    const stopped = server.stop();
    expect(server.stop()).toBe(stopped);
    finish();
    await stopped;
    expect(await busy.closed()).toContain('finished');
  });

  test('cuts off what does not finish in time, and what was upgraded', async () => {
    let upgraded = 0;
    let asked = 0;
    const server = await serve(() => {
      asked += 1;
    }, 30);
    server.server.on('upgrade', (_request, socket) => {
      upgraded += 1;
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\r\n');
    });
    const stuck = await openRaw(server);
    stuck.write(GET);
    const socket = await openRaw(server);
    socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    await waitUntil('both are under way', () => asked === 1 && upgraded === 1);
    await server.stop();
    await Promise.all([stuck.closed(), socket.closed()]);
    expect(server.server.listening).toBe(false);
  });
});
