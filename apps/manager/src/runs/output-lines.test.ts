import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeOutputLines } from './output-lines.ts';

const chunkOf = (kind: 'stdout' | 'stderr', text: string | Buffer, at = 0) => ({
  kind,
  at,
  data: Buffer.from(text),
});

test('however an output is cut into pieces, its lines are the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', '\n', '😀', ' ') }), { maxLength: 8 }),
      fc.array(fc.nat({ max: 40 }), { maxLength: 6 }),
      (texts, cuts) => {
        const whole = Buffer.from(texts.join('\n'));
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, whole.length)),
          whole.length,
        ].toSorted((one, other) => one - other);
        const lines = makeOutputLines();
        const read = places.flatMap((place, index) =>
          lines.push(chunkOf('stdout', whole.subarray(place, places[index + 1] ?? whole.length))),
        );
        const text = [...read, ...lines.end()].map((line) => line.text).join('\n');
        expect(text).toBe(whole.toString('utf8').replace(/\n$/u, ''));
      },
    ),
  );
});

test('the streams do not cut each other, and a line has the time of its beginning', () => {
  const lines = makeOutputLines();
  expect(lines.push(chunkOf('stdout', 'one ', 1))).toStrictEqual([]);
  expect(lines.push(chunkOf('stderr', 'oops\n', 2))).toStrictEqual([
    { at: 2, stream: 'stderr', text: 'oops' },
  ]);
  expect(lines.push(chunkOf('stdout', 'line\nnext', 3))).toStrictEqual([
    { at: 1, stream: 'stdout', text: 'one line' },
  ]);
  expect(lines.end()).toStrictEqual([{ at: 3, stream: 'stdout', text: 'next' }]);
});

test('a bar that draws itself over is what it was at the end', () => {
  const lines = makeOutputLines();
  expect(lines.push(chunkOf('stdout', '10 %\r50 %\r100 %\r\n'))).toMatchObject([{ text: '100 %' }]);
});

test('a line without an end is cut, so that it costs no more memory than others', () => {
  const lines = makeOutputLines();
  const cut = lines.push(chunkOf('stdout', 'x'.repeat(200_000)));
  expect(cut.map(({ text }) => text.length)).toStrictEqual([65_536, 65_536, 65_536]);
  expect(lines.end()).toMatchObject([{ text: 'x'.repeat(200_000 - 3 * 65_536) }]);
});
