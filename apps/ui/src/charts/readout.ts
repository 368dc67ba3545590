/**
 * The figures of a chart: the heading, the legend and the crosshair, at the moment that is pointed
 * at or at the newest. Elements are moved and filled directly: sixty times a second is too often
 * for anything more.
 */
import { quantityText, UNKNOWN_FIGURE } from '../format/quantity.ts';
import type { ChartGroup, ChartSpec } from './chart-spec.ts';
import type { Frame } from './frame.ts';
import { gapAfterMs } from './gaps.ts';
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
  readonly dots: readonly HTMLElement[];
  readonly overlayKey: HTMLElement | undefined;
  readonly line: HTMLElement;
  readonly tag: HTMLElement;
}

const setHidden = (element: HTMLElement, isHidden: boolean): void => {
  if (element.hidden !== isHidden) element.hidden = isHidden;
};

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

const placeDots = (
  parts: ReadoutParts,
  frame: Frame,
  spec: ChartSpec,
  area: Area,
  row: number | undefined,
): void => {
  const { x, y } = makePlacing(frame, area, spec.mode === 'mirrored');
  for (const [index, dot] of parts.dots.entries()) {
    const layer = frame.layers[index];
    const value = layer?.own[row ?? -1] ?? Number.NaN;
    setHidden(dot, row === undefined || layer === undefined || Number.isNaN(value));
    if (dot.hidden || layer === undefined || row === undefined) continue;
    const atX = x(frame.samples.times[row] ?? 0);
    const atY = y(layer.values[row] ?? 0, layer);
    dot.style.transform = `translate(${atX}px, ${atY}px)`;
  }
};

const placeLine = (
  parts: ReadoutParts,
  frame: Frame,
  group: ChartGroup,
  { area, isOwn, at }: { readonly area: Area; readonly isOwn: boolean; readonly at: number },
): void => {
  const { from, to } = frame.span;
  const left = area.left + ((at - from) / Math.max(1, to - from)) * (area.right - area.left);
  const isInside = left >= area.left - 0.5 && left <= area.right + 0.5;
  const wasHidden = parts.tag.hidden;
  setHidden(parts.line, !isInside);
  setHidden(parts.tag, !isInside || !isOwn);
  if (!isInside) return;
  parts.line.style.transform = `translateX(${Math.round(left)}px)`;
  if (!isOwn) return;
  // Else with the figures: a text that changes is laid out, and a line that moves is not.
  if (wasHidden) setText(parts.tag, noteAt(frame, group, at));
  // Kept inside by CSS: asking how wide it is would lay out the page at each move.
  const last = `${Math.round(area.right)}px - 100%`;
  parts.tag.style.transform = `translateX(clamp(0px, ${Math.round(left)}px - 50%, ${last}))`;
};

/** The row that is spoken of: where the crosshair is, or the newest one. */
const shownRow = (frame: Frame, group: ChartGroup): number | undefined => {
  const crosshair = group.crosshair.peek();
  return crosshair === undefined ? newestRow(frame) : rowAt(frame, crosshair.at);
};

/** The heading, the legend, and the text below the line. */
export const showFigures = (
  parts: ReadoutParts,
  frame: Frame,
  spec: ChartSpec,
  group: ChartGroup,
): void => {
  const row = shownRow(frame, group);
  const crosshair = group.crosshair.peek();
  if (crosshair?.chart === spec.id) setText(parts.tag, noteAt(frame, group, crosshair.at));
  const of = (column: string): number => frame.samples.column(column)[row ?? -1] ?? Number.NaN;
  const { figure, unit } = spec.headline(of);
  setText(parts.figure, figure);
  setText(parts.unit, unit);
  const why = figure === UNKNOWN_FIGURE ? group.whyUnknown(spec.part) : '';
  setText(parts.why, why);
  if (parts.figure.title !== why) parts.figure.title = why;
  for (const [index, element] of parts.values.entries()) {
    const value = frame.layers[index]?.own[row ?? -1] ?? Number.NaN;
    setText(element, quantityText(formatValue(value, columnUnit(spec, index))));
  }
  if (parts.overlayKey !== undefined) parts.overlayKey.hidden = !frame.hasOverlay;
};

/** The line at the moment that is pointed at, on this or another chart of the group. */
export const showPointer = (
  parts: ReadoutParts,
  frame: Frame,
  spec: ChartSpec,
  group: ChartGroup,
  area: Area,
): void => {
  const crosshair = group.crosshair.peek();
  const row = crosshair === undefined ? undefined : rowAt(frame, crosshair.at);
  placeDots(parts, frame, spec, area, row);
  if (crosshair === undefined) {
    setHidden(parts.line, true);
    setHidden(parts.tag, true);
  } else {
    placeLine(parts, frame, group, { area, isOwn: crosshair.chart === spec.id, at: crosshair.at });
  }
};
