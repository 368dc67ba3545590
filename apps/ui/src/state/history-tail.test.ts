import { expect, test } from 'vitest';
import { makeSampleBuffer, ORIGIN_GUEST, ORIGIN_HOST, type SampleRow } from '../charts/samples.ts';
import { addToTail, joinHistory, makeStepAverages } from './history-tail.ts';

const row = (time: number, value: number, origin = ORIGIN_GUEST): SampleRow => ({
  time,
  origin,
  values: [value],
});

const liveOf = (rows: readonly SampleRow[]) => {
  const buffer = makeSampleBuffer(['a'], 100, 1000);
  for (const one of rows) buffer.push(one);
  return buffer.view();
};

const join = (history: readonly SampleRow[], live: readonly SampleRow[]) => {
  const into = makeSampleBuffer(['a'], 100, 10_000);
  const averages = joinHistory({
    columns: ['a'],
    history,
    stepMs: 10_000,
    start: 0,
    live: liveOf(live),
    into,
  });
  return { into, averages };
};

test('readings of one step are averaged as they come, without those that are unknown', () => {
  const averages = makeStepAverages(10_000, 0);
  averages.add(row(1000, 10));
  averages.add(row(2000, Number.NaN));
  expect(averages.add(row(3000, 20))?.row).toStrictEqual(row(3000, 15));
  expect(averages.add(row(9000, 30))?.row).toStrictEqual(row(5000, 20));
  expect(averages.add(row(10_000, 7))).toStrictEqual({ row: row(10_000, 7), isNew: true });
});

test('a step of which nothing is known stays unknown', () => {
  const averages = makeStepAverages(10_000, 0);
  expect(averages.add(row(1000, Number.NaN))?.row.values).toStrictEqual([Number.NaN]);
});

test('a step in which the guest spoke at least once is not the host’s', () => {
  const averages = makeStepAverages(10_000, 0);
  averages.add(row(1000, 1, ORIGIN_HOST));
  expect(averages.add(row(2000, 1))?.row.origin).toBe(ORIGIN_GUEST);
});

test('the readings go on where the stored steps end', () => {
  const { into } = join(
    [row(5000, 1), row(15_000, 2)],
    [row(19_000, 99), row(21_000, 4), row(22_000, 6)],
  );
  expect([...into.view().times]).toStrictEqual([5000, 15_000, 22_000]);
  expect([...into.view().column('a')]).toStrictEqual([1, 2, 5]);
});

test('the last stored step gives way to readings that cover all of it', () => {
  const { into } = join([row(5000, 1), row(15_000, 2)], [row(9000, 7), row(11_000, 30)]);
  expect([...into.view().times]).toStrictEqual([5000, 11_000]);
  expect([...into.view().column('a')]).toStrictEqual([1, 30]);
});

test('further readings move the last step, and begin the next', () => {
  const { into, averages } = join([row(5000, 1)], [row(11_000, 10)]);
  addToTail(averages, into, row(12_000, 20));
  addToTail(averages, into, row(20_000, 3));
  addToTail(averages, into, row(12_500, 99));
  expect([...into.view().times]).toStrictEqual([5000, 12_000, 20_000]);
  expect([...into.view().column('a')]).toStrictEqual([1, 15, 3]);
});

test('a last stored step that is half a one is where it has come to', () => {
  const { into } = join([row(5000, 1), row(12_000, 2)], [row(13_000, 99), row(20_500, 4)]);
  expect([...into.view().times]).toStrictEqual([5000, 12_000, 20_500]);
});

test('without anything stored it is the readings alone', () => {
  const { into } = join([], [row(1000, 4), row(12_000, 6)]);
  expect([...into.view().column('a')]).toStrictEqual([4, 6]);
});
