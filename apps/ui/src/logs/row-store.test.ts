import type { LogEntry } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeEvent, makeLine, makeMark } from '../testing/log-entries.ts';
import { passes, type Filter } from './filter.ts';
import { isMatch, makeMatcher } from './matches.ts';
import { KEPT_FOLLOWING, KEPT_READING, makeRowStore, type RowStore } from './row-store.ts';
import { isEverything, type Wanted } from './row-index.ts';
import { shownOf, type Row } from './row.ts';

const EVERYTHING: Filter = { level: undefined, units: new Set(), stream: undefined };
const ALL: Wanted = {
  filter: EVERYTHING,
  matcher: undefined,
  onlyMatches: false,
  from: Number.NEGATIVE_INFINITY,
};
const NOW = 1_000_000;

const rowsOf = ({ ring }: RowStore): Row[] => {
  const rows: Row[] = [];
  for (let number = ring.first; number < ring.end; number += 1) {
    const row = ring.at(number);
    if (row !== undefined) rows.push(row);
  }
  return rows;
};
const cursorsOf = (store: RowStore): string[] =>
  rowsOf(store).map((row) => (row.kind === 'line' ? row.event.cursor : row.note.kind));
const visibleOf = ({ ring, index }: RowStore): (Row | undefined)[] => {
  index.sync();
  return Array.from({ length: index.visible.length }, (_, at) =>
    ring.at(index.visible.at(at) ?? Number.NaN),
  );
};
const lines = (from: number, count: number): LogEntry[] =>
  Array.from({ length: count }, (_, at) => makeLine(from + at));

describe('the lines of one VM', () => {
  test('are counted as far as the filter lets them through, without the notes between them', () => {
    const store = makeRowStore(1, ALL);
    store.append(0, [...lines(1, 4), makeMark(5, 'resumed', 0)], NOW, true);
    store.index.rebuild({ ...ALL, matcher: makeMatcher('line c2'), onlyMatches: true });
    expect([store.index.visible.length, store.index.lines(), store.counts.lines]).toEqual([
      2, 1, 4,
    ]);
    expect(isEverything(store.index.wanted)).toBe(false);
    expect(isEverything({ ...store.index.wanted, onlyMatches: false })).toBe(true);
  });

  test('go to make room when their fields are large, though their messages are short', () => {
    const store = makeRowStore(1, ALL);
    const fields = { ENVIRONMENT: 'x'.repeat(120_000) };
    for (let seq = 1; seq <= 400; seq += 1) store.append(0, [makeLine(seq, { fields })], NOW, true);
    const { first, end } = store.ring;
    expect(end - first).toBeLessThan(300);
    expect(end - first).toBeGreaterThan(200);
    expect(store.counts.lines).toBe(end - first);
  });

  test('stay in the order in which they came, whatever their clock says', () => {
    const store = makeRowStore(1, ALL);
    const entries = [
      makeLine(1, { timestamp: 500 }),
      makeLine(2, { timestamp: 100 }),
      makeMark(3, 'rebooted', 0),
    ];
    store.append(0, entries, NOW, false);
    expect(cursorsOf(store)).toStrictEqual(['c1', 'c2', 'mark']);
  });

  test('that come later and have no time are of the time beside them, not of 1970', () => {
    const store = makeRowStore(1, ALL);
    store.append(0, [makeLine(9, { timestamp: 900 })], NOW, false);
    const earlier = [
      makeEvent('c1', { timestamp: null }),
      makeEvent('c2', { timestamp: 500 }),
      makeEvent('c3', { timestamp: null }),
    ];
    store.prepend(0, earlier);
    store.prepend(0, [makeEvent('c0', { timestamp: null })]);
    expect(rowsOf(store).map(({ at }) => at)).toStrictEqual([500, 500, 500, 500, 900]);
  });

  test('are the last 10,000; more while somebody reads', () => {
    const store = makeRowStore(1, ALL);
    store.append(0, lines(1, 12_000), NOW, false);
    expect([rowsOf(store).length, store.counts.lines]).toStrictEqual([
      KEPT_FOLLOWING,
      KEPT_FOLLOWING,
    ]);
    store.setReading(true);
    store.append(0, lines(12_001, 15_000), NOW, false);
    expect(store.counts.lines).toBe(KEPT_READING);
    expect(cursorsOf(store).at(-1)).toBe('c27000');
    store.setReading(false);
    expect(store.counts.lines).toBe(KEPT_FOLLOWING);
    expect(visibleOf(store).length).toBe(KEPT_FOLLOWING);
  });

  test('are fewer where they are long', () => {
    const store = makeRowStore(1, ALL);
    const long = 'x'.repeat(64 * 1024);
    for (let seq = 1; seq <= 700; seq += 1) {
      store.append(0, [makeLine(seq, { message: long })], NOW, false);
    }
    expect(store.counts.lines).toBeLessThan(520);
    expect(store.counts.lines).toBeGreaterThan(480);
  });

  test('go on before the first with earlier ones, each once', () => {
    const store = makeRowStore(1, ALL);
    store.append(0, lines(5, 3), NOW, false);
    expect(store.prepend(0, [makeEvent('c3'), makeEvent('c4'), makeEvent('c5')])).toBe(2);
    expect(cursorsOf(store)).toStrictEqual(['c3', 'c4', 'c5', 'c6', 'c7']);
    expect([store.oldest(0)?.cursor, store.newest(0)?.cursor]).toStrictEqual(['c3', 'c7']);
    expect(store.recentCursors(0).size).toBe(5);
  });
});

describe('the lines of several VMs', () => {
  const at = (cursor: string, timestamp: number) => makeEvent(cursor, { timestamp });

  test('are in the order of time, also where one history comes later than the other', () => {
    const store = makeRowStore(2, ALL);
    store.append(
      0,
      [1, 3, 5].map((time) => makeLine(time, at(`a${time}`, time))),
      NOW,
      true,
    );
    store.append(
      1,
      [2, 4, 6].map((time) => makeLine(time, at(`b${time}`, time))),
      NOW,
      true,
    );
    expect(cursorsOf(store)).toStrictEqual(['a1', 'b2', 'a3', 'b4', 'a5', 'b6']);
    store.prepend(0, [at('a0', 0)]);
    expect(cursorsOf(store)[0]).toBe('a0');
  });

  test('of a wrong clock stand at the end, where they are seen', () => {
    const store = makeRowStore(2, ALL);
    store.append(0, [{ ...at('a', 100_000), seq: 1 }], NOW, false);
    store.append(1, [{ ...at('b', 10), seq: 1 }], NOW, false);
    store.append(1, [{ ...at('c', 99_000), seq: 2 }], NOW, false);
    expect(cursorsOf(store)).toStrictEqual(['c', 'a', 'b']);
  });

  test('keep the order of each VM, and all of them, however they come', () => {
    const batch = fc.tuple(fc.nat(2), fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 20 }), (batches) => {
        const store = makeRowStore(3, ALL);
        const sent: string[][] = [[], [], []];
        let seq = 0;
        let clock = 0;
        for (const [stream, steps] of batches) {
          const entries = steps.map((step) => {
            seq += 1;
            clock += step;
            return makeLine(seq, { timestamp: clock - stream * 20, cursor: `${stream}-${seq}` });
          });
          sent[stream]?.push(...entries.map(({ cursor }) => cursor));
          store.append(stream, entries, NOW, false);
          store.index.sync();
        }
        const shown = cursorsOf(store);
        for (const [stream, cursors] of sent.entries()) {
          expect(shown.filter((cursor) => cursor.startsWith(`${stream}-`))).toStrictEqual(cursors);
        }
        const times = rowsOf(store).map((row) => row.at);
        expect(times).toStrictEqual(times.toSorted((one, other) => one - other));
        expect(visibleOf(store)).toStrictEqual(rowsOf(store));
      }),
    );
  });
});

test('the index shows what a filter of all lines would, after any changes', () => {
  const level = fc.constantFrom('trace', 'debug', 'info', 'warn', 'error');
  const line = fc.record({
    level,
    target: fc.constantFrom('a', 'b'),
    message: fc.constantFrom('one', 'two', 'One two'),
  });
  const filter = fc.record({
    level: fc.constantFrom(undefined, 'error', 'warn', 'info', 'debug'),
    units: fc.constantFrom(new Set<string>(), new Set(['a']), new Set(['c'])),
    stream: fc.constant(undefined),
  });
  const step = fc.oneof(
    fc.record({ add: fc.array(line, { maxLength: 5 }) }),
    fc.record({ filter, search: fc.constantFrom('', 'one'), onlyMatches: fc.boolean() }),
    fc.record({ clear: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const store = makeRowStore(1, ALL);
      let wanted = ALL;
      let seq = 0;
      for (const taken of steps) {
        if ('add' in taken) {
          const entries = taken.add.map((changes) => {
            seq += 1;
            return makeLine(seq, changes);
          });
          store.append(0, entries, NOW, false);
          continue;
        }
        wanted =
          'clear' in taken
            ? { ...wanted, from: taken.clear ? store.ring.end : Number.NEGATIVE_INFINITY }
            : { ...wanted, ...taken, matcher: makeMatcher(taken.search) };
        store.index.rebuild(wanted);
      }
      store.index.sync();
      const numbered = rowsOf(store).map((row, at) => [store.ring.first + at, row] as const);
      const fitting = numbered.filter(
        ([number, row]) =>
          number >= wanted.from && row.kind === 'line' && passes(wanted.filter, row),
      );
      const { matcher } = wanted;
      const found = fitting.filter(
        ([, row]) =>
          matcher !== undefined && row.kind === 'line' && isMatch(matcher, shownOf(row).plain),
      );
      const shown = wanted.onlyMatches && matcher !== undefined ? found : fitting;
      expect(visibleOf(store)).toStrictEqual(shown.map(([, row]) => row));
      expect(store.index.matches.length).toBe(found.length);
      expect(Object.values(store.counts.levels).reduce((sum, count) => sum + count, 0)).toBe(seq);
    }),
  );
});
