import {
  connectionResultSchemas,
  MAX_CARRIED_BYTES,
  type ConnectionMethod,
} from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nodeText } from '../platform/node/text.ts';
import type { Connection } from '../platform/platform.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { settled } from '../testing/settled.ts';
import { MAX_CARRIED, makeConnectionMethods } from './connection-methods.ts';
import { makeRpcDispatcher, type RpcCaller } from './dispatcher.ts';

const CALLER: RpcCaller = { subject: 'test', may: () => true };

/** A server's end of a connection, and what happened to it. */
interface Seen {
  readonly connection: Connection;
  text: string;
  drained: number;
  closed: number;
}

const replySchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});
type Reply = z.infer<typeof replySchema>;

const setUp = () => {
  const clock = makeFakeClock();
  const seen: Seen[] = [];
  const { methods, reset } = makeConnectionMethods({
    accept: (connection) => {
      const own: Seen = { connection, text: '', drained: 0, closed: 0 };
      seen.push(own);
      return {
        data: (bytes) => {
          own.text += nodeText.decodeUtf8(bytes);
        },
        ended: () => undefined,
        drained: () => {
          own.drained += 1;
        },
        closed: () => {
          own.closed += 1;
        },
      };
    },
    text: nodeText,
    clock,
  });
  const dispatcher = makeRpcDispatcher(new Map(Object.entries(methods)), () => undefined, 64);
  const ask = async (method: ConnectionMethod, params: object): Promise<Reply> => {
    const text = await dispatcher.dispatch(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      CALLER,
    );
    return replySchema.parse(JSON.parse(text ?? '{}'));
  };
  const of = (connection: string, session = 's') => ({ session, connection });
  return {
    clock,
    seen,
    reset,
    ask,
    of,
    open: async (connection: string, session = 's') =>
      ask('connection_open', of(connection, session)),
    send: async (connection: string, text: string) =>
      ask('connection_send', { ...of(connection), data: btoa(text) }),
    receive: async (connection: string, wait_seconds = 20) => {
      const { result, error } = await ask('connection_receive', {
        ...of(connection),
        wait_seconds,
      });
      if (error !== undefined) return error.code;
      const { data, ended } = connectionResultSchemas.connection_receive.parse(result);
      return { text: Buffer.from(data, 'base64').toString('latin1'), ended };
    },
    first: (): Seen => {
      const [one] = seen;
      if (one === undefined) throw new Error('nothing was accepted');
      return one;
    },
  };
};

describe('a carried connection', () => {
  it('is one of the server: of a peer that is not loopback, and it carries both ways', async () => {
    const { open, send, receive, first, ask, of } = setUp();
    expect(await open('a')).toMatchObject({ result: { opened: true } });
    expect(first().connection.peer).toStrictEqual({ kind: 'unix' });
    expect(await send('a', 'GET / HTTP/1.1')).toMatchObject({ result: { taken: true } });
    expect(first().text).toBe('GET / HTTP/1.1');
    first().connection.write('HTTP/1.1 200 OK');
    expect(first().connection.pendingBytes()).toBe(15);
    expect(await receive('a')).toStrictEqual({ text: 'HTTP/1.1 200 OK', ended: false });
    expect([first().connection.pendingBytes(), first().drained]).toStrictEqual([0, 1]);
    expect(await ask('connection_close', of('a'))).toMatchObject({ result: { closed: true } });
    await settled();
    expect(first().closed).toBe(1);
    expect(await receive('a')).toBe(-32002);
  });

  it('answers who waits with all that is written at once', async () => {
    const { open, receive, first } = setUp();
    await open('a');
    const received = receive('a');
    first().connection.write('head ');
    first().connection.write('body');
    expect(await received).toStrictEqual({ text: 'head body', ended: false });
  });

  it('answers with nothing when nothing came for so long, and when another one asks', async () => {
    const { open, receive, clock, first } = setUp();
    await open('a');
    const late = receive('a', 5);
    await settled();
    clock.advance(5_000);
    expect(await late).toStrictEqual({ text: '', ended: false });
    const left = receive('a');
    await settled();
    const newer = receive('a');
    expect(await left).toStrictEqual({ text: '', ended: false });
    first().connection.write('x');
    expect(await newer).toStrictEqual({ text: 'x', ended: false });
  });

  it('takes no more than the server reads', async () => {
    const { open, send, first } = setUp();
    await open('a');
    first().connection.pause();
    const held = send('a', 'one');
    await settled();
    expect(first().text).toBe('');
    // Whoever does not wait for the answer is refused.
    expect(await send('a', 'two')).toMatchObject({ error: { code: -32002 } });
    first().connection.resume();
    expect(await held).toMatchObject({ result: { taken: true } });
    expect(first().text).toBe('one');
  });

  it('ends with the last of what the server has written', async () => {
    const { open, receive, first } = setUp();
    await open('a');
    first().connection.write('bye');
    first().connection.end();
    expect(await receive('a')).toStrictEqual({ text: 'bye', ended: true });
    await settled();
    expect(first().closed).toBe(1);
  });

  it('that the server cuts off is over for who waits and who sends', async () => {
    const { open, receive, send, first } = setUp();
    await open('a');
    first().connection.pause();
    const received = receive('a');
    const sent = send('a', 'x');
    await settled();
    first().connection.write('lost');
    first().connection.destroy();
    expect(await received).toStrictEqual({ text: '', ended: true });
    expect(await sent).toMatchObject({ error: { code: -32002 } });
    await settled();
    expect(first().closed).toBe(1);
    expect(await send('a', 'x')).toMatchObject({ error: { code: -32002 } });
  });

  it('brings every byte in its order, in messages of a bounded size', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 50_000 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, async (written) => {
        const { open, receive, first } = setUp();
        await open('a');
        for (const piece of written) first().connection.write(piece);
        first().connection.end();
        let text = '';
        for (let ended = false; !ended;) {
          const received = await receive('a');
          if (typeof received === 'number') throw new Error(`refused: ${received}`);
          expect(received.text.length).toBeLessThanOrEqual(MAX_CARRIED_BYTES);
          text += received.text;
          ({ ended } = received);
        }
        expect(Buffer.from(text, 'latin1').equals(Buffer.concat(written))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the connections of a port', () => {
  it('end with the session, and with whoever had the port', async () => {
    const { open, seen, reset, receive } = setUp();
    await open('a', 'old');
    await open('b', 'old');
    expect(await open('a', 's')).toMatchObject({ result: { opened: true } });
    await settled();
    expect(seen.map(({ closed }) => closed)).toStrictEqual([1, 1, 0]);
    const left = receive('a');
    await settled();
    reset();
    expect(await left).toStrictEqual({ text: '', ended: true });
    expect(await receive('a')).toBe(-32002);
  });

  it('are none of another session', async () => {
    const { open, ask, of, first } = setUp();
    await open('a');
    const other = { ...of('a', 'other'), data: btoa('x') };
    expect(await ask('connection_send', other)).toMatchObject({ error: { code: -32002 } });
    await ask('connection_close', of('a', 'other'));
    await settled();
    expect(first().closed).toBe(0);
  });

  it('are so many, and each name is there once', async () => {
    const { open, ask, of } = setUp();
    for (let number = 0; number < MAX_CARRIED; number += 1) await open(String(number));
    expect(await open('0')).toMatchObject({ error: { code: -32000 } });
    expect(await open('more')).toMatchObject({ error: { code: -32000 } });
    await ask('connection_close', of('0'));
    await settled();
    expect(await open('more')).toMatchObject({ result: { opened: true } });
  });

  it.each([
    ['connection_open', { session: 's' }, /connection must be a text/u],
    ['connection_open', { session: '', connection: 'a' }, /session must be 1 to 64/u],
    ['connection_open', { session: 's', connection: 'ä' }, /connection must be 1 to 64/u],
    ['connection_open', { session: 's', connection: 'a', x: 1 }, /x/u],
    ['connection_send', { session: 's', connection: 'a', data: '' }, /data must be base64/u],
    ['connection_send', { session: 's', connection: 'a', data: '*' }, /data must be base64/u],
    [
      'connection_send',
      { session: 's', connection: 'a', data: 'A'.repeat(44_000) },
      /data must be base64 of 1 to 32768 bytes/u,
    ],
    [
      'connection_receive',
      { session: 's', connection: 'a', wait_seconds: 31 },
      /wait_seconds must be a number from 0 to 30/u,
    ],
  ] as const)('%s with %j says what is wrong', async (method, params, message) => {
    const { ask, open } = setUp();
    await open('a');
    const reply = await ask(method, params);
    expect(reply.error?.code).toBe(-32602);
    expect(reply.error?.message).toMatch(message);
  });
});
