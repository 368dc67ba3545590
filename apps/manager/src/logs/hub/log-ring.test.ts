/** The entries of one stream. */
import { array, assert, constantFrom, property } from 'fast-check';
import type { LogEntry, LogEvent } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeLogRing, type LogRing } from './log-ring.ts';

const lineOf = (number: number): LogEvent => ({
  timestamp: number,
  level: 'info',
  target: 'app',
  message: `line ${number}`,
  fields: {},
  cursor: `n=${number}`,
});

const addLine = (ring: LogRing): void => {
  const line = lineOf(ring.newest() + 1);
  ring.addLine(line, JSON.stringify(line));
};

const expectEntry = (entry: LogEntry, seq: number): void => {
  if ('mark' in entry) expect(entry).toStrictEqual({ seq, mark: 'lost', at: seq, count: 3 });
  else expect(entry).toStrictEqual({ ...lineOf(seq), seq });
};

test('whatever is added, dropped and cooled: each entry under its number, none twice', () => {
  const step = constantFrom('line', 'line', 'line', 'mark', 'drop', 'cool', 'read');
  assert(
    property(array(step, { maxLength: 300 }), (steps) => {
      const ring = makeLogRing(5);
      let position = 0;
      let seen = 0;
      let dropped = 0;
      for (const kind of steps) {
        if (kind === 'line') addLine(ring);
        else if (kind === 'mark') {
          ring.addMark({ mark: 'lost', at: ring.newest() + 1, count: 3 });
        } else if (kind === 'drop') ring.dropOldest();
        else if (kind === 'cool') ring.cool(ring.newest() - 2);
        else {
          const read = ring.read(position, 4, 1_000);
          const numbers = read.entries.map(({ seq }) => seq);
          expect(numbers).toStrictEqual([...new Set(numbers)].toSorted((a, b) => a - b));
          for (const entry of read.entries) {
            expect(entry.seq).toBeGreaterThan(position);
            expectEntry(entry, entry.seq);
          }
          dropped += read.dropped;
          seen += read.entries.length;
          position = read.through;
        }
      }
      const rest = ring.read(position, 1_000, Number.POSITIVE_INFINITY);
      expect(rest.through).toBe(ring.newest());
      expect(seen + dropped + rest.dropped + rest.entries.length).toBe(ring.newest());
      expect(ring.count()).toBe(ring.newest() - ring.oldest() + 1);
      while (ring.count() > 0) ring.dropOldest();
      expect(ring.bytes()).toBe(0);
    }),
  );
});

test('a mark is told also when its place is gone', () => {
  const ring = makeLogRing(5);
  addLine(ring);
  ring.addMark({ mark: 'lost', at: 2, count: 3 });
  addLine(ring);
  for (let count = 0; count < 3; count += 1) ring.dropOldest();
  addLine(ring);
  const read = ring.read(0, 10, 1_000);
  expect(read.entries.map(({ seq }) => seq)).toStrictEqual([2, 4]);
  expect(read).toMatchObject({ dropped: 2, through: 4 });
  expect(ring.read(2, 10, 1_000)).toMatchObject({ dropped: 1, through: 4 });
});

test('what marks count is not lost, however many of them are gone', () => {
  const ring = makeLogRing(5);
  for (let count = 1; count <= 300; count += 1) {
    ring.addMark({ mark: count % 3 === 0 ? 'rebooted' : 'lost', at: 1, count: count % 3 });
  }
  ring.addMark({ mark: 'resumed', at: 1, count: null });
  while (ring.count() > 0) ring.dropOldest();
  const { entries, dropped } = ring.read(0, 1_000, 1_000);
  expect(entries.length + dropped).toBe(301);
  expect(entries.length).toBeLessThanOrEqual(100);
  const counts = entries.map((entry) => ('mark' in entry ? entry.count : 0));
  expect(counts.at(-1)).toBeNull();
  expect(counts.reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(300);
});

test('a batch has about as many bytes as it may, and at least one entry', () => {
  const ring = makeLogRing(100);
  for (let count = 0; count < 10; count += 1) addLine(ring);
  expect(ring.read(0, 100, 1).entries).toHaveLength(1);
  const { entries, sizes } = ring.read(0, 100, 350);
  expect(entries.length).toBeGreaterThan(1);
  expect(sizes).toHaveLength(entries.length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(350);
});

test('a line is found by its cursor, and by nothing that only looks like it', () => {
  const ring = makeLogRing(1);
  addLine(ring);
  const odd = { ...lineOf(2), cursor: 'other', message: '"n=9"', fields: { cursor: 'n=9' } };
  ring.addLine(odd, JSON.stringify(odd));
  addLine(ring);
  expect([ring.find('n=1'), ring.find('n=3'), ring.find('other')]).toStrictEqual([1, 3, 2]);
  expect(ring.find('n=9')).toBeUndefined();
  expect(ring.find('n=')).toBeUndefined();
  expect([...ring.texts().keys()]).toStrictEqual(['n=1', 'other', 'n=3']);
  ring.dropOldest();
  expect(ring.find('n=1')).toBeUndefined();
});
