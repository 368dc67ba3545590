import type { ExecutionLogLine } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeReadLog } from './log-reader.ts';

const line = (text: string) => JSON.stringify({ at: 1, stream: 'stdout', text });

/** In pieces, as a network cuts it. */
const answerOf = (body: string, size: number, status = 200): Response => {
  const bytes = new TextEncoder().encode(body);
  let at = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
  return new Response(stream, { status });
};
const read = async (answer: () => Response) => {
  const lines: ExecutionLogLine[] = [];
  const readLog = makeReadLog(async () => Promise.resolve(answer()));
  const end = await readLog('/log', new AbortController().signal, (more) => lines.push(...more));
  return { end, texts: lines.map(({ text }) => text) };
};

test('lines come whole, wherever the answer is cut, and nothing else is one', async () => {
  const body = [`{"header":true}`, line('ä€🎉'), line('two'), `{"trailer":true}`, ''].join('\n');
  for (const size of [1, 3, 7, 1000]) {
    expect(await read(() => answerOf(body, size))).toStrictEqual({
      end: { kind: 'all' },
      texts: ['ä€🎉', 'two'],
    });
  }
});

test('an answer that breaks off in a line has the lines before', async () => {
  const { end, texts } = await read(() => answerOf(`${line('one')}\n{"at":1,"te`, 5));
  expect([end, texts]).toStrictEqual([{ kind: 'all' }, ['one']]);
});

test('a refusal, and a manager that is gone, are said', async () => {
  expect((await read(() => answerOf('', 1, 403))).end).toMatchObject({ kind: 'failed' });
  const gone = (): Response => {
    throw new TypeError('gone');
  };
  expect((await read(gone)).end).toStrictEqual({
    kind: 'failed',
    message: 'The manager cannot be reached.',
  });
});
