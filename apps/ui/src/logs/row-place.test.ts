import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeEvent, makeLine } from '../testing/log-entries.ts';
import { makeRowStore, type RowStore } from './row-store.ts';
import { numberOf, type RowPlace } from './row-place.ts';

const NOW = 1_000_000;

const makeStore = (streams: number): RowStore =>
  makeRowStore(streams, {
    filter: { level: undefined, units: new Set(), stream: undefined },
    matcher: undefined,
    onlyMatches: false,
    from: Number.NEGATIVE_INFINITY,
  });
const placeOf = ({ ring }: RowStore, number: number): RowPlace => {
  const row = ring.at(number);
  if (row === undefined) throw new Error(`there is no line ${number}`);
  return { row, number };
};

test('a line stays the same one when lines of another VM come before it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: NOW - 4_000, max: NOW }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: NOW - 4_000, max: NOW }), { maxLength: 40 }),
      fc.nat(),
      (own, others, chosen) => {
        const store = makeStore(2);
        const sorted = own.toSorted((one, other) => one - other);
        store.append(
          0,
          sorted.map((timestamp, at) => makeLine(at + 1, { timestamp })),
          NOW,
          true,
        );
        const place = placeOf(store, store.ring.first + (chosen % sorted.length));
        for (const [at, timestamp] of others.entries()) {
          store.append(1, [makeLine(at + 1, { timestamp, cursor: `other ${at}` })], NOW, false);
          const number = numberOf(store.ring, place);
          expect(number).toBeDefined();
          expect(store.ring.at(number ?? Number.NaN)).toBe(place.row);
        }
        store.prepend(1, [makeEvent('before all', { timestamp: NOW - 9_000 })]);
        expect(store.ring.at(numberOf(store.ring, place) ?? Number.NaN)).toBe(place.row);
      },
    ),
  );
});

test('a line that has gone has no number', () => {
  const store = makeStore(1);
  store.append(0, [makeLine(1), makeLine(2)], NOW, true);
  const place = placeOf(store, store.ring.first);
  store.ring.shift();
  expect(numberOf(store.ring, place)).toBeUndefined();
  store.ring.shift();
  expect(numberOf(store.ring, place)).toBeUndefined();
});
