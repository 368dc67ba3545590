/** Values that nobody means, for fields of bodies. */
import * as fc from 'fast-check';

const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\u00e9\u{1F600}',
  '..',
  '../../etc/passwd',
  '/',
  '//',
  '-',
  '--',
  '$(id)',
  '`id`',
  ';',
  '{n}/{m}',
  '__proto__',
  'x'.repeat(5_000),
  '\u001b[31m',
  '\ud800',
];

export const oddText = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: 'binary', maxLength: 30 }),
  // No letters: a word of these might be a program.
  fc.string({ unit: fc.constantFrom('%', '/', '.', '\\', '"', ' ', '1', '\n'), maxLength: 20 }),
);

export const odd = fc.oneof(
  oddText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, [], {}, [[]], { a: 1 }),
);

/** Mostly `right`. */
export const or = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 15, arbitrary: right }, { weight: 1, arbitrary: odd });
