/** A guest at the other end of a real socket: one that answers, and others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionResultSchemas } from '@innkeeper/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { openRpcChannel, type Called, type RpcChannel } from './rpc-channel.ts';

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const requestSchema = z.object({ id: z.string(), method: z.string(), params: z.looseObject({}) });
type Request = z.infer<typeof requestSchema>;

interface Guest {
  readonly channel: RpcChannel;
  readonly requests: Request[];
  /** All that came, as text. */
  readonly said: () => string;
  readonly isClosed: () => boolean;
}

const OPENED = { opened: true };
const answer = (id: string, result: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`;

/** @param onRequest what the guest does with each call */
const setUp = async (onRequest: (socket: Socket, request: Request) => void): Promise<Guest> => {
  const folder = mkdtempSync(join(tmpdir(), 'channel-'));
  const path = join(folder, 'port.sock');
  const requests: Request[] = [];
  let said = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let partial = '';
    socket.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const lines = (partial + bytes.toString()).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') continue;
        const request = requestSchema.parse(JSON.parse(line));
        requests.push(request);
        onRequest(socket, request);
      }
    });
  });
  await new Promise<void>((settle) => {
    server.listen(path, settle);
  });
  let isClosed = false;
  const counters = { calls: 0, unanswered: 0, junkBytes: 0 };
  const channel = openRpcChannel({
    connect: (onOpen) => connect(path, onOpen),
    clock,
    counters,
    onClosed: () => {
      isClosed = true;
    },
  });
  onTestFinished(async () => {
    channel.close('the test is over');
    for (const socket of sockets) socket.destroy();
    await new Promise((settle) => {
      server.close(settle);
    });
    await waitUntil('the channel is closed', () => isClosed);
    rmSync(folder, { recursive: true });
  });
  return { channel, requests, said: () => said, isClosed: () => isClosed };
};

const call = async (channel: RpcChannel, timeoutMs = 5_000): Promise<Called<unknown>> =>
  channel.call({
    method: 'connection_open',
    params: { connection: 'a' },
    result: connectionResultSchemas.connection_open,
    timeoutMs,
  });

test('answers are told apart by their ids, whatever their order', async () => {
  const held: Request[] = [];
  const { channel, said, requests } = await setUp((socket, request) => {
    held.push(request);
    if (held.length < 3) return;
    for (const { id } of held.toReversed()) socket.write(answer(id, OPENED));
  });
  const answers = await Promise.all([call(channel), call(channel), call(channel)]);
  expect(answers.map(({ ok }) => ok)).toStrictEqual([true, true, true]);
  // First of all the end of what an earlier connection has left as half a line.
  expect(said().startsWith('\n{')).toBe(true);
  expect(new Set(requests.map(({ params }) => params['session'])).size).toBe(1);
});

test.each([
  ['no JSON', () => 'hello\n'],
  ['an answer to nobody', () => answer('1', OPENED)],
  ['an id that is none', () => '{"jsonrpc":"2.0","id":7,"result":{}}\n'],
  ['half a line of an earlier answer', () => '"},"id":"x"}\n'],
  ['a line that is too long', () => `${'x'.repeat(200_000)}\n`],
  ['bytes that are no text', () => '\u0000\u00ff\n'],
  ['depth', () => `${'['.repeat(60_000)}\n`],
])('%s before an answer changes nothing', async (_name, junk) => {
  const { channel } = await setUp((socket, { id }) => {
    socket.write(junk());
    socket.write(answer(id, OPENED));
  });
  expect(await call(channel)).toStrictEqual({ ok: true, value: OPENED });
});

test('what is no answer to this method is a failure, and the next one is read again', async () => {
  let count = 0;
  const { channel } = await setUp((socket, { id }) => {
    count += 1;
    socket.write(answer(id, count === 1 ? { opened: 'yes' } : OPENED));
  });
  expect(await call(channel)).toMatchObject({ ok: false, problem: /malformed/u });
  expect(await call(channel)).toMatchObject({ ok: true });
});

test.each([
  [-32601, { problem: /too old/u, isGone: false }],
  [-32002, { problem: /no such/u, isGone: true }],
  [-32000, { problem: /no such/u, isGone: false }],
])('the error %i says what to do', async (code, told) => {
  const { channel } = await setUp((socket, { id }) => {
    const error = { code, message: 'there is no such thing' };
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`);
  });
  const called = await call(channel);
  expect(called).toMatchObject({ ok: false, isGone: told.isGone });
  expect(called.ok ? '' : called.problem).toMatch(told.problem);
});

test('a guest that never says anything loses the connection after the first deadline', async () => {
  const { channel, isClosed } = await setUp(() => undefined);
  expect(await call(channel, 50)).toMatchObject({ ok: false, problem: 'no answer over the port' });
  await waitUntil('it is closed', isClosed);
  expect(await call(channel)).toMatchObject({ ok: false });
});

test('a guest that answers others keeps it', async () => {
  const { channel, isClosed } = await setUp((socket, { id, params }) => {
    if (params['connection'] === 'a') socket.write(answer(id, OPENED));
  });
  const slow = channel.call({
    method: 'connection_open',
    params: { connection: 'b' },
    result: connectionResultSchemas.connection_open,
    timeoutMs: 200,
  });
  expect(await call(channel)).toMatchObject({ ok: true });
  expect(await slow).toMatchObject({ ok: false });
  expect(await call(channel)).toMatchObject({ ok: true });
  expect(isClosed()).toBe(false);
});

test('a guest that writes without end is left', async () => {
  const { channel, isClosed } = await setUp((socket) => {
    const flood = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', flood);
    flood();
  });
  expect(await call(channel, 20_000)).toMatchObject({
    ok: false,
    problem: 'the guest sends something else than answers',
  });
  await waitUntil('it is closed', isClosed);
});

test('a port that is closed fails what is under way', async () => {
  const { channel, isClosed } = await setUp((socket) => void socket.destroy());
  expect(await call(channel)).toMatchObject({ ok: false, isGone: true });
  await waitUntil('it is closed', isClosed);
});
