import { expect, test } from 'vitest';
import { parseRange, rangeName, rangeQuery, RANGES, stepRange, type VmRange } from './vm-range.ts';

const parse = (query: string): VmRange => parseRange(new URLSearchParams(query));
const address = (range: VmRange): string => {
  const entries = Object.entries(rangeQuery(range)).flatMap(([name, value]) =>
    value === null ? [] : [[name, value]],
  );
  return new URLSearchParams(entries).toString();
};

test.each(['', 'range=2y', 'from=5', 'from=9&to=5', 'from=x&to=y', 'from=-1&to=4'])(
  '“%s” is live',
  (query) => {
    expect(parse(query)).toStrictEqual({ kind: 'live' });
  },
);

test('every range has an address that means it', () => {
  const fixed: VmRange = { kind: 'fixed', from: 1_763_640_000_000, to: 1_763_640_060_000 };
  for (const range of [...RANGES, fixed]) expect(parse(address(range))).toStrictEqual(range);
});

test('ranges are stepped through from live to the longest and back', () => {
  const names = ['Live', '15m', '1h', '6h', '24h', '7d', '30d'];
  expect(RANGES.map(rangeName)).toStrictEqual(names);
  expect(stepRange({ kind: 'live' }, -1)).toBeUndefined();
  expect(
    RANGES.map((range) => stepRange(range, 1)).map((one) => one && rangeName(one)),
  ).toStrictEqual([...names.slice(1), undefined]);
  expect(stepRange(parse('range=1h'), -1)).toStrictEqual(parse('range=15m'));
});

test('from a range of one’s own the steps lead to the nearest', () => {
  const fixed: VmRange = { kind: 'fixed', from: 0, to: 2 * 3_600_000 };
  expect(stepRange(fixed, 1)).toStrictEqual(parse('range=6h'));
  expect(stepRange(fixed, -1)).toStrictEqual(parse('range=1h'));
});
