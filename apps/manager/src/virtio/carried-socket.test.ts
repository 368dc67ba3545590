import { expect, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { openCarriedSocket } from './carried-socket.ts';
import type { Call, Called } from './rpc-channel.ts';

type Answer = (call: Call<unknown>) => Promise<Called<unknown>> | Called<unknown>;

interface Carried {
  readonly socket: ReturnType<typeof openCarriedSocket>;
  readonly calls: Call<unknown>[];
  readonly seen: { isOpen: boolean; text: string; problem: string; hasEnded: boolean };
}

const ok = (value: unknown): Called<unknown> => ({ ok: true, value });
const never = new Promise<Called<unknown>>(() => undefined);

/** A channel in memory: opens, takes everything, has nothing to say, unless `answer` knows better. */
const setUp = (answer: (call: Call<unknown>) => ReturnType<Answer> | undefined): Carried => {
  const calls: Call<unknown>[] = [];
  const plain: Answer = ({ method }) => {
    if (method === 'connection_receive') return never;
    return ok({ opened: true, taken: true, closed: true });
  };
  const seen = { isOpen: false, text: '', problem: '', hasEnded: false };
  const socket = openCarriedSocket(
    {
      call: async (call) => {
        calls.push(call);
        const called = await (answer(call) ?? plain(call));
        if (!called.ok) return called;
        const parsed = call.result.safeParse(called.value);
        if (parsed.success) return { ok: true, value: parsed.data };
        const { method } = call;
        const value = method === 'connection_send' ? { taken: true } : { opened: true };
        return {
          ok: true,
          value: call.result.parse(method === 'connection_close' ? { closed: true } : value),
        };
      },
    },
    'one',
    () => {
      seen.isOpen = true;
    },
  );
  socket.on('error', (error) => {
    seen.problem = error.message;
  });
  socket.on('end', () => {
    seen.hasEnded = true;
  });
  return { socket, calls, seen };
};

const receiving = (texts: string[], ended: boolean) => (call: Call<unknown>) => {
  if (call.method !== 'connection_receive') return undefined;
  const text = texts.shift();
  if (text === undefined) return ended ? ok({ data: '', ended: true }) : undefined;
  return ok({ data: btoa(text), ended: false });
};

test('what comes is read in its order, up to the end', async () => {
  const { socket, seen, calls } = setUp(receiving(['a', '', 'bc'], true));
  socket.on('data', (bytes: Buffer) => {
    seen.text += bytes.toString();
  });
  await waitUntil('it is closed', () => socket.destroyed);
  expect(seen).toStrictEqual({ isOpen: true, text: 'abc', problem: '', hasEnded: true });
  expect(calls.at(-1)?.method).toBe('connection_close');
});

test('nothing more is asked for while nobody reads', async () => {
  const many = Array.from({ length: 100 }, () => 'x'.repeat(10_000));
  const { socket, calls, seen } = setUp(receiving([...many], false));
  socket.once('readable', () => undefined);
  await waitUntil('some has come', () => socket.readableLength >= socket.readableHighWaterMark);
  await new Promise((settle) => {
    setImmediate(settle);
  });
  const asked = calls.filter(({ method }) => method === 'connection_receive').length;
  expect(asked).toBeLessThan(20);
  socket.on('data', (bytes: Buffer) => {
    seen.text += bytes.toString();
  });
  await waitUntil('all has come', () => seen.text.length === 1_000_000);
  socket.destroy();
});

test('what is written goes in messages of a bounded size, one after the other', async () => {
  let underWay = 0;
  let most = 0;
  const { socket, calls } = setUp(({ method }) => {
    if (method !== 'connection_send') return undefined;
    underWay += 1;
    most = Math.max(most, underWay);
    return Promise.resolve().then(() => {
      underWay -= 1;
      return ok({ taken: true });
    });
  });
  const text = 'y'.repeat(100_000);
  socket.cork();
  socket.write(text.slice(0, 10));
  socket.write(text.slice(10));
  socket.uncork();
  await new Promise<void>((settle) => {
    socket.write('z', () => settle());
  });
  const sent = calls
    .filter(({ method }) => method === 'connection_send')
    .map(({ params }) => Buffer.from(String(params['data']), 'base64').toString());
  expect(sent.join('')).toBe(`${text}z`);
  expect(sent.map(({ length }) => length)).toStrictEqual([32_768, 32_768, 32_768, 1_696, 1]);
  expect(most).toBe(1);
  socket.destroy();
});

test.each(['connection_open', 'connection_send', 'connection_receive'] as const)(
  'a failure of %s is one of the socket',
  async (failing) => {
    const refused = { ok: false, problem: 'no', isGone: false } as const;
    const { socket, seen } = setUp(({ method }) => (method === failing ? refused : undefined));
    socket.on('data', () => undefined);
    socket.write('x');
    await waitUntil('it is over', () => socket.destroyed && seen.problem !== '');
    expect([seen.problem, seen.isOpen]).toStrictEqual(['no', failing !== 'connection_open']);
  },
);

test('to be kept alive or not is nothing that it would collect listeners for', () => {
  const { socket } = setUp(() => undefined);
  for (let count = 0; count < 50; count += 1) socket.unref().ref();
  expect(socket.listenerCount('connect')).toBe(0);
  socket.destroy();
});
