import { executionResultSchema } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../http/message.ts';
import { ENDED_DOCUMENT } from '../testing/ended-document.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { settled } from '../testing/settled.ts';
import type { KeptTexts } from './kept-events.ts';
import { resultAnswer } from './result-answer.ts';

const answerOf = (texts: KeptTexts, keptBytes: number) => {
  const clock = makeFakeClock();
  const document = () => ({ ...ENDED_DOCUMENT, argv: [...ENDED_DOCUMENT.argv] });
  const execution = { document, texts: () => texts, keptBytes: () => keptBytes };
  return { clock, answer: resultAnswer(execution, clock) };
};

/** As a peer reads it that takes everything at once. */
const readAll = async ({ body, stream }: HttpResponse, turn: () => void) => {
  let text = body;
  let isEnded = false;
  const writes: number[] = [];
  stream?.({
    write: (more) => {
      text += more;
      writes.push(more.length);
    },
    pendingBytes: () => 0,
    end: () => {
      isEnded = true;
    },
  });
  await settled();
  while (!isEnded) turn();
  return { text, writes };
};

describe('resultAnswer', () => {
  it('is an ordinary document where the output is short', () => {
    const { answer } = answerOf({ stdout: ['a', 'b'], stderr: [], missingBytes: 7 }, 200);
    expect(answer.stream).toBeUndefined();
    const expected = { ...ENDED_DOCUMENT, stdout: 'ab', stderr: '', missing_bytes: 7 };
    expect(executionResultSchema.strict().parse(JSON.parse(answer.body))).toEqual(expected);
  });

  it('goes out in pieces where it is long, and is the same document then', async () => {
    const texts = fc.array(fc.string({ unit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(texts, texts, async (stdout, stderr) => {
        const { answer, clock } = answerOf({ stdout, stderr, missingBytes: 0 }, 1e6);
        const { text } = await readAll(answer, () => clock.advance(1));
        const read = executionResultSchema.strict().parse(JSON.parse(text));
        expect([read.stdout, read.stderr]).toEqual([stdout.join(''), stderr.join('')]);
      }),
    );
  });

  it('writes a part of it in each turn', async () => {
    const stdout = Array.from({ length: 100 }, () => 'x'.repeat(10_000));
    const { answer, clock } = answerOf({ stdout, stderr: [], missingBytes: 0 }, 1e6);
    const { writes } = await readAll(answer, () => clock.advance(1));
    expect(Math.max(...writes)).toBeLessThan(80_000);
  });

  it('goes on after a piece that alone is more than may wait', async () => {
    const stdout = ['\n'.repeat(200_000), '\n'.repeat(10), '\n'.repeat(200_000)];
    const { answer, clock } = answerOf({ stdout, stderr: [], missingBytes: 0 }, 1e6);
    let turns = 0;
    const { text } = await readAll(answer, () => {
      turns += 1;
      if (turns > 100) throw new Error('it stands still');
      clock.advance(1);
    });
    expect(text.length).toBeGreaterThan(800_000);
  });

  it('waits for a slow reader, and ends with one that goes', async () => {
    const stdout = Array.from({ length: 100 }, () => 'x'.repeat(10_000));
    const { answer, clock } = answerOf({ stdout, stderr: [], missingBytes: 0 }, 1e6);
    let written = 0;
    const events = answer.stream?.({
      write: (text) => {
        written += text.length;
      },
      pendingBytes: () => written,
      end: () => undefined,
    });
    await settled();
    clock.advance(1_000);
    expect(written).toBeLessThan(200_000);
    events?.closed();
    expect(clock.pendingTimers()).toBe(0);
  });
});
