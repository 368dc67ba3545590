import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ColumnBuffer, ROW_BYTES } from './column-buffer.ts';
import type { SampleBatch } from './sample-batch.ts';
import { FIELD_COUNT } from './sample-row.ts';

const ALWAYS = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const bufferOf = (rows: number): ColumnBuffer => new ColumnBuffer(rows * ROW_BYTES);
const valuesOf = (value: number): number[] => Array.from({ length: FIELD_COUNT }, () => value);
const add = (buffer: ColumnBuffer, moment: number, key = 1): void => {
  buffer.append(key, moment, 0, valuesOf(moment % 1000));
};
const momentsOf = (batch: SampleBatch): number[] => [...batch.moments];

test('the limit is in bytes', () => {
  expect(ROW_BYTES).toBe(13 + 4 * FIELD_COUNT);
  expect(new ColumnBuffer(10.5 * ROW_BYTES).capacity).toBe(10);
});

test('a batch is sorted by VM and time and has the values of each row', () => {
  const buffer = bufferOf(10);
  buffer.append(2, 100, 1, valuesOf(5));
  buffer.append(1, 110, 0, [1.5]);
  buffer.append(2_147_483_647, 115, 0, []);
  buffer.append(1, 120, 0, valuesOf(7));
  const batch = buffer.take(10, ...ALWAYS);
  expect([...batch.keys]).toEqual([1, 1, 2, 2_147_483_647]);
  expect(momentsOf(batch)).toEqual([110, 120, 100, 115]);
  expect([...batch.origins]).toEqual([0, 0, 1, 0]);
  expect(batch.values[0]).toBe(1.5);
  expect(batch.values[1]).toBeNaN();
  expect(batch.values[FIELD_COUNT]).toBe(7);
  expect([batch.oldest, batch.newest]).toEqual([100, 120]);
});

test('rows stay until they are written', () => {
  const buffer = bufferOf(10);
  add(buffer, 1);
  add(buffer, 2);
  buffer.take(1, ...ALWAYS);
  buffer.settle(false);
  expect(momentsOf(buffer.take(1, ...ALWAYS))).toEqual([1]);
  buffer.settle(true);
  expect(buffer.oldestMoment).toBe(2);
  expect(buffer.rows).toBe(1);
});

test('there is one batch at a time', () => {
  const buffer = bufferOf(10);
  expect(() => buffer.settle(true)).toThrow('no batch of samples is under way');
  buffer.take(1, ...ALWAYS);
  expect(() => buffer.take(1, ...ALWAYS)).toThrow('already under way');
});

test('rows outside of the limits are left out and counted', () => {
  const buffer = bufferOf(10);
  for (const moment of [1, 50, 99]) add(buffer, moment);
  const batch = buffer.take(10, 10, 60);
  expect(momentsOf(batch)).toEqual([50]);
  expect([batch.tooOld, batch.inFuture]).toEqual([1, 1]);
  buffer.settle(true);
  expect(buffer.rows).toBe(0);
});

test('rows that are being written while they make room count as dropped only when the write fails', () => {
  for (const [isWritten, dropped] of [
    [true, 1],
    [false, 4],
  ] as const) {
    const buffer = bufferOf(4);
    for (const moment of [1, 2, 3, 4]) add(buffer, moment);
    const batch = buffer.take(3, ...ALWAYS);
    for (const moment of [5, 6, 7, 8]) add(buffer, moment);
    expect(momentsOf(batch)).toEqual([1, 2, 3]);
    buffer.settle(isWritten);
    expect(buffer.dropped).toBe(dropped);
    expect(momentsOf(buffer.take(9, ...ALWAYS))).toEqual([5, 6, 7, 8]);
  }
});

test('whatever comes and goes, each row is written, waiting or counted as dropped', () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), rows: fc.integer({ min: 1, max: 1500 }) }),
    fc.record({ kind: fc.constant('take' as const), rows: fc.integer({ min: 1, max: 2500 }) }),
    fc.record({ kind: fc.constant('settle' as const), done: fc.boolean() }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.array(command, { maxLength: 40 }),
      (capacity, commands) => {
        const buffer = bufferOf(capacity);
        const written = new Set<number>();
        let added = 0;
        let batch: SampleBatch | undefined;
        const settle = (done: boolean): void => {
          if (batch === undefined) return;
          buffer.settle(done);
          if (done) for (const moment of batch.moments) written.add(moment);
          batch = undefined;
        };
        for (const next of commands) {
          if (next.kind === 'add') {
            for (let row = 0; row < next.rows; row++) add(buffer, added++);
          } else if (next.kind === 'take') {
            batch ??= buffer.take(next.rows, ...ALWAYS);
          } else {
            settle(next.done);
          }
          expect(buffer.rows).toBeLessThanOrEqual(capacity);
        }
        settle(false);
        const left = momentsOf(buffer.take(capacity, ...ALWAYS));
        expect(left).toEqual(left.map((_, index) => added - left.length + index));
        expect(written.size + left.length + buffer.dropped).toBe(added);
      },
    ),
    { numRuns: 50 },
  );
});
