/**
 * The figures of a chart: the heading, the legend and the crosshair, at the moment that is pointed
 * at or at the newest. Elements are filled directly: seven times a second is too often for anything
 * more.
 */
import { quantityText, UNKNOWN_FIGURE } from '../format/quantity.ts';
import type { ChartGroup, ChartSpec } from './chart-spec.ts';
import type { Frame } from './frame.ts';
import { gapAfterMs } from './gaps.ts';
import type { Dot, Pointer } from './pointer.ts';
import { indexFrom, nearestIndex } from './samples.ts';
import { makePlacing, type Area } from './trace.ts';
import { formatValue } from './value-axis.ts';

export interface ReadoutParts {
  readonly figure: HTMLElement;
  readonly unit: HTMLElement;
  /** Of a figure that is unknown. */
  readonly why: HTMLElement;
  /** By series, the host's view last. */
  readonly values: readonly HTMLElement[];
  readonly overlayKey: HTMLElement | undefined;
}

const setText = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

/** The row of a moment; undefined where there is none near enough. */
export const rowAt = (frame: Frame, time: number): number | undefined => {
  const { times, spacingMs } = frame.samples;
  const row = nearestIndex(times, time);
  if (row === undefined) return undefined;
  return Math.abs((times[row] ?? 0) - time) <= gapAfterMs(spacingMs) / 2 ? row : undefined;
};

/** The newest row in sight, unless nothing has come for a while. */
const newestRow = (frame: Frame): number | undefined => {
  const { times, spacingMs } = frame.samples;
  const row = indexFrom(times, frame.span.to + spacingMs / 2) - 1;
  const time = times[row];
  return time !== undefined && frame.span.to - time <= gapAfterMs(spacingMs) * 2 ? row : undefined;
};

const columnUnit = (spec: ChartSpec, index: number): ChartSpec['unit'] =>
  spec.series[index]?.isPercent === true ? 'percent' : spec.unit;

/** What a chart says at a moment, for the tag and for those who hear it. */
export const noteAt = (frame: Frame, group: ChartGroup, at: number): string => {
  const time = group.momentLabel(at);
  const near = frame.samples.spacingMs * 2;
  const mark = group.marks.peek().find((one) => Math.abs(one.at - at) <= near);
  const gap = frame.gaps.find(({ from, to }) => at >= from && at <= to);
  const notes = [mark?.text, gap === undefined ? undefined : group.reasonOf(gap, at)];
  return [time, ...notes.filter((note) => note !== undefined)].join(' · ');
};

export const valuesText = (frame: Frame, spec: ChartSpec, row: number | undefined): string =>
  spec.series
    .map(({ label }, index) => {
      const value = row === undefined ? Number.NaN : (frame.layers[index]?.own[row] ?? Number.NaN);
      return `${label} ${quantityText(formatValue(value, columnUnit(spec, index)))}`;
    })
    .join(', ');

const dotsAt = (frame: Frame, spec: ChartSpec, area: Area, row: number | undefined): Dot[] => {
  if (row === undefined) return [];
  const { x, y } = makePlacing(frame, area, spec.mode === 'mirrored');
  const atX = x(frame.samples.times[row] ?? 0);
  return frame.layers.flatMap((layer) =>
    Number.isNaN(layer.own[row] ?? Number.NaN)
      ? []
      : [{ x: atX, y: y(layer.values[row] ?? 0, layer), colour: layer.colour }],
  );
};

/** The row that is spoken of: where the crosshair is, or the newest one. */
const shownRow = (frame: Frame, group: ChartGroup): number | undefined => {
  const crosshair = group.crosshair.peek();
  return crosshair === undefined ? newestRow(frame) : rowAt(frame, crosshair.at);
};

/** The heading and the legend. */
export const showFigures = (
  parts: ReadoutParts,
  frame: Frame,
  spec: ChartSpec,
  group: ChartGroup,
): void => {
  const row = shownRow(frame, group);
  // On a long range the last row is the mean of hours: the figure of now is not.
  const newest = group.crosshair.peek() === undefined ? group.newest() : undefined;
  const of = newest ?? ((column) => frame.samples.column(column)[row ?? -1] ?? Number.NaN);
  const { figure, unit } = spec.headline(of);
  setText(parts.figure, figure);
  setText(parts.unit, unit);
  const why = figure === UNKNOWN_FIGURE ? group.whyUnknown(spec.part) : '';
  setText(parts.why, why);
  if (parts.figure.title !== why) parts.figure.title = why;
  for (const [index, element] of parts.values.entries()) {
    const { column } = spec.series[index] ?? spec.overlay ?? {};
    const value = column === undefined ? Number.NaN : of(column);
    setText(element, quantityText(formatValue(value, columnUnit(spec, index))));
  }
  if (parts.overlayKey !== undefined) parts.overlayKey.hidden = !frame.hasOverlay;
};

/** The line and the dots at the moment that is pointed at, on this or another chart of the group. */
export const showPointer = (
  pointer: Pointer,
  frame: Frame,
  spec: ChartSpec,
  group: ChartGroup,
  { area, note }: { readonly area: Area; readonly note: string | undefined },
): void => {
  const crosshair = group.crosshair.peek();
  const { from, to } = frame.span;
  const share = ((crosshair?.at ?? from) - from) / Math.max(1, to - from);
  const x = area.left + share * (area.right - area.left);
  const isInside = x >= area.left - 0.5 && x <= area.right + 0.5;
  if (crosshair === undefined || !isInside) {
    pointer.show(undefined);
    return;
  }
  pointer.show({
    x,
    area,
    dots: dotsAt(frame, spec, area, rowAt(frame, crosshair.at)),
    note,
    palette: group.palette.peek(),
  });
};
