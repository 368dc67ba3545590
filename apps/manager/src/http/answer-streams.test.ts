/** Answers that last, whatever becomes of those who read them. */
import { createServer, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ask } from '../../../../test/support/http-client.ts';
import { outcomeOf, serveApp } from '../../../../test/support/http-served-app.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeFakeVms, makeVm } from '../push/testing/fake-fleet.ts';
import { makeFakeAuthenticator } from '../push/testing/push-server.ts';
import { makeAnswerStreams, type AnswerStreamsOptions } from './answer-streams.ts';
import { defineRoute } from './define-route.ts';
import { nothing, type AnswerOut } from './route.ts';
import { sendStream } from './send-stream.ts';

const TOKEN = { authorization: 'Bearer everything' };

const start = async (
  stream: (out: AnswerOut) => Promise<void>,
  options: Partial<AnswerStreamsOptions> & {
    readonly beforeAnswer?: () => Promise<void>;
    readonly timeoutMs?: number;
  } = {},
) => {
  const authenticator = makeFakeAuthenticator();
  authenticator.allow('everything');
  const { beforeAnswer = async () => undefined, timeoutMs = 5_000, ...rest } = options;
  const streams = makeAnswerStreams({ authenticator, vms: makeFakeVms([makeVm(1)]), ...rest });
  const app = await serveApp({
    authenticator,
    streams,
    routes: [
      defineRoute({
        method: 'get',
        path: '/v1/stream',
        tag: 'Test',
        summary: 'lasts',
        access: { action: 'vm.read' },
        params: nothing,
        query: nothing,
        body: nothing,
        answers: { 200: { description: 'text', schema: z.string(), contentType: 'text/plain' } },
        timeoutMs,
        isStream: true,
        handle: async () => {
          await beforeAnswer();
          return { ok: true, contentType: 'text/plain', headers: { 'x-kind': 'stream' }, stream };
        },
      }),
    ],
  });
  onTestFinished(async () => {
    streams.stop();
    await app.stop();
    expect(streams.count()).toBe(0);
  });
  return { app, authenticator, streams };
};

type App = Awaited<ReturnType<typeof start>>['app'];

const read = async ({ host, port }: App, method = 'GET', token = 'everything') => {
  const headers = { authorization: `Bearer ${token}` };
  const asked = request({ host, port, path: '/v1/stream', method, headers, agent: false });
  asked.on('error', () => undefined);
  asked.end();
  const incoming = await new Promise<IncomingMessage>((resolve) => {
    asked.once('response', resolve);
  });
  let text = '';
  let isCut = false;
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  incoming.on('error', () => {
    isCut = true;
  });
  const closed = new Promise<void>((resolve) => {
    incoming.once('close', resolve);
  });
  return { incoming, asked, closed, text: () => text, isCut: () => isCut };
};

const untilAborted = async ({ signal }: AnswerOut): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });

test('what is written comes at once, and an end of it is the end of the answer', async () => {
  let finish = (): void => undefined;
  const { app, streams } = await start(async ({ write }) => {
    await write('one ');
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    await write('two');
  });
  const reader = await read(app);
  await waitUntil('the first part', () => reader.text() === 'one ');
  expect(streams.count()).toBe(1);
  finish();
  await reader.closed;
  expect(reader.text()).toBe('one two');
  expect(reader.incoming.headers).toMatchObject({
    'x-kind': 'stream',
    'cache-control': 'no-store',
  });
});

test.each([
  ['caller', 'the caller goes'],
  ['stopping', 'the manager stops'],
  ['session_ended', 'the token is revoked'],
  ['session_ended', 'the token is found to have ended'],
])('ends as %s when %s', async (ending, what) => {
  let told: unknown;
  const { app, authenticator, streams } = await start(
    async (out) => {
      await untilAborted(out);
      told = out.signal.reason;
      await out.write('goodbye');
    },
    { recheckIntervalMs: 10 },
  );
  const reader = await read(app);
  if (what === 'the caller goes') reader.asked.destroy();
  else if (what === 'the manager stops') streams.stop();
  else authenticator.revoke('everything', what === 'the token is revoked');
  await waitUntil('it ends', () => streams.count() === 0);
  await reader.closed;
  expect(told).toBe(ending);
  if (ending !== 'caller') expect(reader.text()).toBe('goodbye');
});

test('a reader who does not read holds it up, until it ends', async () => {
  let written = 0;
  const { app, streams } = await start(async ({ signal, write }) => {
    while (!signal.aborted) {
      await write('x'.repeat(100_000));
      written += 100_000;
    }
  });
  const reader = await read(app);
  reader.incoming.pause();
  let before = -1;
  await waitUntil('it is held', () => {
    const isSame = written > 0 && written === before;
    before = written;
    return isSame;
  });
  expect(written).toBeLessThan(50_000_000);
  reader.asked.destroy();
  await waitUntil('it has ended', () => streams.count() === 0);
});

/** Sends this to a reader who takes nothing of it. */
const sendToNobody = async (
  stream: (out: AnswerOut, end: (reason: string) => void) => Promise<void>,
): Promise<{ isGone: () => boolean }> => {
  let isGone = false;
  const server = createServer((_request, response) => {
    const controller = new AbortController();
    const end = (reason: string): void => controller.abort(reason);
    const place = { signal: controller.signal, end, leave: () => undefined };
    response.once('close', () => {
      isGone = true;
    });
    const sent = async (out: AnswerOut): Promise<void> => stream(out, end);
    void sendStream(
      response,
      { ok: true, contentType: 'text/plain', stream: sent },
      place,
      false,
      100,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const asked = request({ host: '127.0.0.1', port, agent: false });
  asked.on('error', () => undefined);
  asked.on('response', (incoming) => {
    incoming.on('error', () => undefined);
    incoming.pause();
  });
  asked.end();
  onTestFinished(() => {
    asked.destroy();
    server.close();
  });
  return { isGone: () => isGone };
};

test('a reader who takes nothing for too long is cut off', async () => {
  let ending: unknown;
  await sendToNobody(async ({ signal, write }) => {
    while (!signal.aborted) await write('x'.repeat(100_000));
    ending = signal.reason;
  });
  await waitUntil('it is cut off', () => ending !== undefined);
  expect(ending).toBe('caller');
});

test('a reader who does not take the end of it is cut off as well', async () => {
  let hasEnded = false;
  const { isGone } = await sendToNobody(async ({ write }, end) => {
    const writing = write('x'.repeat(50_000_000));
    end('stopping');
    await writing;
    hasEnded = true;
  });
  await waitUntil('it is cut off', isGone);
  expect(hasEnded).toBe(true);
});

test('half an answer does not look like a whole one', async () => {
  const { app } = await start(async ({ write }) => {
    await write('half');
    throw new Error('broken');
  });
  const reader = await read(app);
  await reader.closed;
  expect(reader.isCut()).toBe(true);
  expect(app.lines.some(({ message }) => message === 'request failed')).toBe(true);
});

test('a HEAD gets the head, and what was taken for it is given back', async () => {
  let given: unknown;
  const { app } = await start(async ({ signal, write }) => {
    given = signal.reason;
    await write('nothing of this');
  });
  const reader = await read(app, 'HEAD');
  await reader.closed;
  expect(reader.incoming.headers['x-kind']).toBe('stream');
  expect([reader.text(), given]).toStrictEqual(['', 'caller']);
});

test('an answer that comes too late is given back too', async () => {
  let isGivenBack = false;
  let answerNow = (): void => undefined;
  const { app } = await start(
    async ({ signal }) => {
      isGivenBack = signal.aborted;
    },
    {
      timeoutMs: 50,
      beforeAnswer: async () =>
        new Promise<void>((resolve) => {
          answerNow = resolve;
        }),
    },
  );
  const reply = await ask(app, '/v1/stream', { headers: TOKEN });
  expect(outcomeOf(reply)).toBe('504 timed_out');
  answerNow();
  await waitUntil('it is given back', () => isGivenBack);
});

test('there are only so many, of one token and in all', async () => {
  const limits = { maxStreams: 3, maxStreamsPerActor: 2 };
  const { app, authenticator, streams } = await start(untilAborted, limits);
  authenticator.allow('other');
  const outcome = async (token: string): Promise<string> =>
    outcomeOf(await ask(app, '/v1/stream', { headers: { authorization: `Bearer ${token}` } }));
  await read(app);
  const second = await read(app);
  expect(await outcome('everything')).toBe('429 too_many_streams');
  second.asked.destroy();
  await waitUntil('there is room', () => streams.count() === 1);
  await read(app);
  await read(app, 'GET', 'other');
  expect(await outcome('other')).toBe('429 too_many_streams');
});
