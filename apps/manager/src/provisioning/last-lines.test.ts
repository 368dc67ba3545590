import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastLines } from './last-lines.ts';

const of = (text: string): readonly string[] => lastLines(Buffer.from(text));

describe('lastLines', () => {
  it('takes the end, without the colours, and of a progress bar what is seen last', () => {
    expect(of('one\n\u001b[31mtwo\u001b[0m\n10%\r50%\r99%\r\n\tthree\n\n')).toEqual([
      'one',
      'two',
      '99%',
      ' three',
    ]);
    expect(of(Array.from({ length: 50 }, (_, index) => `${index}`).join('\n'))).toHaveLength(20);
  });

  it('is bounded, and has nothing in it that Postgres or a terminal would mind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        const lines = lastLines(Buffer.from(bytes));
        expect(lines.length).toBeLessThanOrEqual(20);
        for (const line of lines) {
          expect(line.length).toBeLessThanOrEqual(500);
          expect(line).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        }
      }),
    );
    expect(of('\u{1f600}'.repeat(400).slice(1))).toEqual([expect.not.stringMatching(/\p{Cs}/u)]);
  });
});
