import { expect, test } from 'vitest';
import type { ChartSpec } from './chart-spec.ts';
import { makeFrame, type Frame } from './frame.ts';
import { makeSampleBuffer, ORIGIN_GUEST, ORIGIN_HOST, type Samples } from './samples.ts';

const COLUMNS = ['a', 'b', 'host', 'total'];
const UNKNOWN = Number.NaN;

const samplesOf = (
  rows: readonly (readonly number[])[],
  origin: (index: number) => number = () => ORIGIN_GUEST,
): Samples => {
  const buffer = makeSampleBuffer(COLUMNS, 100, 1000);
  for (const [index, values] of rows.entries()) {
    buffer.push({ time: (index + 1) * 1000, origin: origin(index), values });
  }
  return buffer.view();
};

const spec: ChartSpec = {
  id: 'x',
  title: 'X',
  unit: 'number',
  mode: 'line',
  series: [
    { column: 'a', label: 'a', colour: '--s1' },
    { column: 'b', label: 'b', colour: '--s2', isBelow: true },
  ],
  headline: () => ({ figure: '', unit: '' }),
};
const overlay: ChartSpec = {
  ...spec,
  overlay: { column: 'host', label: 'host', against: ['a', 'b'], tolerance: () => 5 },
};
const span = { from: 1000, to: 4000 };
const frameOf = (of: ChartSpec, samples: Samples, before?: Frame): Frame =>
  makeFrame(of, samples, span, before);

test('stacked series stand on each other and are as high as their sum', () => {
  const frame = frameOf({ ...spec, mode: 'stacked' }, samplesOf([[10, 20]]));
  expect(frame.layers.map(({ values }) => values[0])).toStrictEqual([10, 30]);
  expect(frame.layers.map(({ own }) => own[0])).toStrictEqual([10, 20]);
  expect(frame.axis.top).toBe(40);
});

test('mirrored series share one axis to both sides', () => {
  const { axis, layers } = frameOf({ ...spec, mode: 'mirrored' }, samplesOf([[10, 90]]));
  expect(layers.map(({ sign }) => sign)).toStrictEqual([1, -1]);
  expect(axis.ticks).toStrictEqual([-100, -50, 0, 50, 100]);
});

test('a column tells the top where it is known', () => {
  const known = samplesOf([[1, 1, UNKNOWN, 64]]);
  expect(frameOf({ ...spec, top: 'total' }, known).axis.top).toBe(64);
  expect(frameOf({ ...spec, top: 'total' }, samplesOf([[1, 1]])).axis.top).toBe(1);
});

test('percentages beside another unit have an axis of their own', () => {
  const [a, b] = spec.series;
  const series = a === undefined || b === undefined ? [] : [a, { ...b, isPercent: true }];
  const frame = frameOf({ ...spec, series }, samplesOf([[3, 97]]));
  expect([frame.axis.top, frame.percentTop]).toStrictEqual([4, 100]);
  expect(frame.layers.map(({ top }) => top)).toStrictEqual([4, 100]);
});

test('the host’s view is shown where it is far from the guest’s, or alone', () => {
  const near = samplesOf([[10, 10, 22]]);
  const far = samplesOf([[10, 10, 60]]);
  const alone = samplesOf([[UNKNOWN, UNKNOWN, 20]], () => ORIGIN_HOST);
  expect([near, far, alone].map((one) => frameOf(overlay, one).hasOverlay)).toStrictEqual([
    false,
    true,
    true,
  ]);
  expect(frameOf(overlay, far).layers.at(-1)?.isDashed).toBe(true);
});

test('rows without a value are a gap, unless that is usual for the chart', () => {
  const samples = samplesOf([
    [1, 1],
    [UNKNOWN, UNKNOWN],
    [UNKNOWN, 1],
    [1, 1],
  ]);
  expect(frameOf(spec, samples).gaps).toStrictEqual([{ from: 1500, to: 2500 }]);
  expect(frameOf({ ...spec, isSparse: true }, samples).gaps).toStrictEqual([]);
});

test('an axis that was high stays so for a little less', () => {
  const before = frameOf(spec, samplesOf([[9, 0]]));
  expect(frameOf(spec, samplesOf([[7.5, 0]]), before).axis.top).toBe(before.axis.top);
  expect(frameOf(spec, samplesOf([[1, 0]]), before).axis.top).toBeLessThan(before.axis.top);
});
