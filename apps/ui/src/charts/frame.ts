/** What a chart shows at one moment, worked out before anything is drawn. */
import type { ChartSpec, SeriesSpec } from './chart-spec.ts';
import { findGaps, type Span } from './gaps.ts';
import { indexFrom, ORIGIN_HOST, ORIGIN_NONE, type Samples } from './samples.ts';
import { largestOf, stackColumns } from './stack.ts';
import { makeFixedAxis, makeValueAxis, settleAxis, type ValueAxis } from './value-axis.ts';

export interface Layer {
  readonly colour: string;
  /** Where it is drawn. */
  readonly values: Float32Array;
  /** What it stands for: with stacked series that is less. */
  readonly own: Float32Array;
  /** The lower edge of its area; undefined: the axis. */
  readonly floor: Float32Array | undefined;
  readonly isFilled: boolean;
  readonly isDashed: boolean;
  readonly sign: 1 | -1;
  readonly top: number;
}

export interface Frame {
  readonly samples: Samples;
  readonly span: Span;
  /** The rows in sight, and one more on each side. */
  readonly start: number;
  readonly end: number;
  readonly axis: ValueAxis;
  /** The top of the second axis, in percent. */
  readonly percentTop: number | undefined;
  /** In the order of the series; the host's view is the last one, if it is shown. */
  readonly layers: readonly Layer[];
  readonly hasOverlay: boolean;
  readonly gaps: readonly Span[];
  readonly limit: number | undefined;
}

const STEPS = 4;
const MIRRORED_STEPS = 2;

/** The newest known value of a column up to `end`. */
const latestOf = (column: Float32Array, end: number): number | undefined => {
  for (let index = Math.min(end, column.length) - 1; index >= 0; index -= 1) {
    const value = column[index] ?? Number.NaN;
    if (!Number.isNaN(value)) return value;
  }
  return undefined;
};

const isApart = (spec: ChartSpec, samples: Samples, rows: Rows, top: number): boolean => {
  const { overlay } = spec;
  if (overlay === undefined) return false;
  const values = samples.column(overlay.column);
  const against = overlay.against.map((name) => samples.column(name));
  let distance = 0;
  let count = 0;
  for (let index = rows.start; index < rows.end; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (samples.origins[index] === ORIGIN_HOST) return true;
    let sum = 0;
    for (const column of against) sum += column[index] ?? Number.NaN;
    if (Number.isNaN(sum)) continue;
    distance += Math.abs(value - sum);
    count += 1;
  }
  return count > 0 && distance / count > overlay.tolerance(top);
};

interface Rows {
  readonly start: number;
  readonly end: number;
}

const makeAxis = (
  spec: ChartSpec,
  samples: Samples,
  columns: readonly Float32Array[],
  rows: Rows,
  before: ValueAxis | undefined,
): ValueAxis => {
  const { top, unit, mode } = spec;
  if (typeof top === 'number') return makeFixedAxis(top, unit);
  const known = top === undefined ? undefined : latestOf(samples.column(top), rows.end);
  if (known !== undefined && known > 0) return makeFixedAxis(known, unit);
  const mirrored = mode === 'mirrored';
  const count = mirrored ? MIRRORED_STEPS : STEPS;
  return settleAxis(before, largestOf(columns, rows.start, rows.end), (largest) =>
    makeValueAxis(largest, unit, { count, mirrored }),
  );
};

const isKnownRow = (
  spec: ChartSpec,
  samples: Samples,
  columns: readonly Float32Array[],
): ((index: number) => boolean) =>
  spec.isSparse === true
    ? (index) => samples.origins[index] !== ORIGIN_NONE && samples.origins[index] !== ORIGIN_HOST
    : (index) => columns.some((column) => !Number.isNaN(column[index] ?? Number.NaN));

export const makeFrame = (
  spec: ChartSpec,
  samples: Samples,
  span: Span,
  before: Frame | undefined,
): Frame => {
  const start = Math.max(0, indexFrom(samples.times, span.from) - 1);
  const end = Math.min(samples.length, indexFrom(samples.times, span.to) + 1);
  const rows = { start, end };
  const own = spec.series.map(({ column }) => samples.column(column));
  const drawn = spec.mode === 'stacked' ? stackColumns(own, start, end) : own;
  const isLeft = (_: unknown, index: number): boolean => spec.series[index]?.isPercent !== true;
  const overlay = spec.overlay === undefined ? undefined : samples.column(spec.overlay.column);
  const seen = overlay === undefined ? own : [...own, overlay];
  const axis = makeAxis(spec, samples, drawn.filter(isLeft), rows, before?.axis);
  const percents = drawn.filter((column, index) => !isLeft(column, index));
  const percentTop =
    percents.length === 0
      ? undefined
      : Math.min(
          100,
          makeValueAxis(largestOf(percents, start, end), 'percent', { count: STEPS }).top,
        );
  const hasOverlay = isApart(spec, samples, rows, axis.top);
  const toLayer = (series: SeriesSpec, index: number): Layer => ({
    colour: series.colour,
    values: drawn[index] ?? new Float32Array(0),
    own: own[index] ?? new Float32Array(0),
    floor: spec.mode === 'stacked' ? drawn[index - 1] : undefined,
    isFilled: series.isFilled ?? spec.mode !== 'line',
    isDashed: false,
    sign: series.isBelow === true ? -1 : 1,
    top: series.isPercent === true ? (percentTop ?? 100) : axis.top,
  });
  const layers = spec.series.map(toLayer);
  if (hasOverlay && overlay !== undefined) {
    layers.push({
      colour: '--tx-2',
      values: overlay,
      own: overlay,
      floor: undefined,
      isFilled: false,
      isDashed: true,
      sign: 1,
      top: axis.top,
    });
  }
  const { spacingMs } = samples;
  const gapRange = { ...span, spacingMs };
  return {
    samples,
    span,
    start,
    end,
    axis,
    percentTop,
    layers,
    hasOverlay,
    gaps: findGaps(samples.times, isKnownRow(spec, samples, seen), gapRange),
    limit: spec.limit === undefined ? undefined : latestOf(samples.column(spec.limit.column), end),
  };
};
