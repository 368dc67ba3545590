import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeLineIntake } from './line-intake.ts';

const MAX = 10;

const read = (chunks: readonly string[]): { lines: string[]; junk: number } => {
  const seen = { lines: new Array<string>(), junk: 0 };
  const feed = makeLineIntake(
    {
      line: (bytes) => seen.lines.push(bytes.toString('latin1')),
      junk: (bytes) => {
        seen.junk += bytes;
      },
    },
    MAX,
  );
  for (const chunk of chunks) feed(Buffer.from(chunk, 'latin1'));
  return seen;
};

test('lines are the same however they are cut, and one that is too long spoils no other', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', '{'), maxLength: 25 });
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
      const text = lines.map((one) => `${one}\n`).join('');
      const places = [0, ...cuts.filter((cut) => cut < text.length), text.length];
      places.sort((one, other) => one - other);
      const chunks = places.slice(1).map((to, index) => text.slice(places[index], to));
      const { lines: told, junk } = read(chunks);
      expect(told).toStrictEqual(lines.filter(({ length }) => length > 0 && length <= MAX));
      const long = lines.filter(({ length }) => length > MAX);
      expect(junk).toBe(long.reduce((sum, { length }) => sum + length, 0));
    }),
  );
});

test('an endless line costs what it has, and not its memory', () => {
  const { lines, junk } = read(['x'.repeat(1_000_000), 'x'.repeat(1_000_000), '\nok\n']);
  expect({ lines, junk }).toStrictEqual({ lines: ['ok'], junk: 2_000_000 });
});

test('a line in thousands of single bytes is given up', () => {
  const seen: number[] = [];
  const feed = makeLineIntake({ line: () => undefined, junk: (bytes) => seen.push(bytes) }, 1e6);
  for (let count = 0; count < 5_000; count += 1) feed(Buffer.from('x'));
  expect(seen.reduce((sum, bytes) => sum + bytes, 0)).toBe(5_000);
});
