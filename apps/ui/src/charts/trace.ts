/** Turns rows into lines and areas of a canvas: broken at gaps, dashed where the host speaks. */
import { decimate } from './decimate.ts';
import type { Frame, Layer } from './frame.ts';
import { gapAfterMs } from './gaps.ts';
import { ORIGIN_HOST } from './samples.ts';

export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Placing {
  readonly x: (time: number) => number;
  readonly y: (value: number, layer: Pick<Layer, 'sign' | 'top'>) => number;
}

export const makePlacing = (frame: Frame, area: Area, isMirrored: boolean): Placing => {
  const { from, to } = frame.span;
  const perMs = (area.right - area.left) / Math.max(1, to - from);
  const zero = isMirrored ? (area.top + area.bottom) / 2 : area.bottom;
  const height = zero - area.top;
  return {
    x: (time) => area.left + (time - from) * perMs,
    y: (value, { sign, top }) => zero - (sign * Math.min(value, top) * height) / top,
  };
};

/** Rows that are joined by a line. */
export interface Segment {
  readonly rows: Int32Array;
  readonly isHost: boolean;
}

const joins = (frame: Frame, layer: Layer, a: number, b: number, isSparse: boolean): boolean => {
  const { times, spacingMs } = frame.samples;
  const span = frame.span.to - frame.span.from;
  // Where several rows share a pixel, rows that were not chosen lie between the two.
  const limit = Math.max(gapAfterMs(spacingMs), span / 500);
  if ((times[b] ?? 0) - (times[a] ?? 0) > limit) return false;
  return isSparse || b !== a + 2 || !Number.isNaN(layer.own[a + 1] ?? Number.NaN);
};

export const makeSegments = (
  frame: Frame,
  layer: Layer,
  slices: number,
  isSparse: boolean,
): readonly Segment[] => {
  const { start, end, samples } = frame;
  const chosen = decimate(samples.times, layer.own, { start, end, slices });
  const segments: Segment[] = [];
  const isHostRow = (row: number | undefined): boolean =>
    samples.origins[row ?? -1] === ORIGIN_HOST;
  let begin = 0;
  for (let place = 1; place <= chosen.length; place += 1) {
    const before = chosen[place - 1] ?? 0;
    const row = chosen[place];
    const isJoined = row !== undefined && joins(frame, layer, before, row, isSparse);
    if (isJoined && isHostRow(row) === isHostRow(before)) continue;
    segments.push({ rows: chosen.subarray(begin, place), isHost: isHostRow(before) });
    begin = place;
  }
  return segments;
};

const DOT_RADIUS = 1;

export const traceLine = (
  path: Path2D,
  { rows }: Segment,
  frame: Frame,
  layer: Layer,
  { x, y }: Placing,
): void => {
  const { times } = frame.samples;
  for (const [place, row] of rows.entries()) {
    const atX = x(times[row] ?? 0);
    const atY = y(layer.values[row] ?? 0, layer);
    if (place === 0) path.moveTo(atX, atY);
    else path.lineTo(atX, atY);
    // A value on its own would be no line at all.
    if (rows.length === 1) path.arc(atX, atY, DOT_RADIUS, 0, Math.PI * 2);
  }
};

export const traceArea = (
  path: Path2D,
  { rows }: Segment,
  frame: Frame,
  layer: Layer,
  { x, y }: Placing,
): void => {
  if (rows.length < 2) return;
  const { times } = frame.samples;
  for (const [place, row] of rows.entries()) {
    const atX = x(times[row] ?? 0);
    const atY = y(layer.values[row] ?? 0, layer);
    if (place === 0) path.moveTo(atX, atY);
    else path.lineTo(atX, atY);
  }
  const { floor } = layer;
  // Along the axis two corners will do.
  const back = floor === undefined ? [rows.at(-1) ?? 0, rows[0] ?? 0] : rows.toReversed();
  for (const row of back) path.lineTo(x(times[row] ?? 0), y(floor?.[row] ?? 0, layer));
  path.closePath();
};
