/**
 * Pointing at a chart: hovering moves the crosshair of all charts, dragging sideways zooms, with a
 * finger as with a mouse, and the keys do the same.
 */
import type { ChartGroup } from './chart-spec.ts';
import type { Span } from './gaps.ts';
import { nearestIndex } from './samples.ts';
import type { Area } from './trace.ts';

export interface PointingOptions {
  readonly id: string;
  readonly plot: HTMLElement;
  readonly selection: HTMLElement;
  readonly group: ChartGroup;
  readonly area: () => Area;
}

export interface Pointing {
  /** The page has moved under a pointer that stands still. */
  follow(): void;
  stop(): void;
}

/** Less is a click with an unsteady hand. */
const LEAST_DRAG_PX = 6;
/** Zooming further in than this shows nothing but one sample. */
const LEAST_SPAN_MS = 5_000;
const KEY_STEPS = 1;
const KEY_JUMP = 10;

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

/** As wide as it has to be, around the same middle. */
const atLeast = ({ from, to }: Span): Span => {
  const missing = Math.max(0, LEAST_SPAN_MS - (to - from)) / 2;
  return { from: Math.round(from - missing), to: Math.round(to + missing) };
};

const makeKeys = ({ id, group }: PointingOptions): ((event: KeyboardEvent) => void) => {
  const move = (steps: number): void => {
    const { times } = group.samples();
    const { from, to } = group.span();
    const now = group.crosshair.peek()?.at ?? to;
    const row = nearestIndex(times, now);
    if (row === undefined) return;
    const isFirst = group.crosshair.peek() === undefined;
    const next = times[clamp(row + (isFirst ? 0 : steps), 0, times.length - 1)];
    if (next !== undefined) group.crosshair.value = { at: clamp(next, from, to), chart: id };
  };
  const zoomBy = (factor: number): void => {
    const { from, to } = group.span();
    const middle = group.crosshair.peek()?.at ?? to;
    group.zoom(
      atLeast({ from: middle - (middle - from) * factor, to: middle + (to - middle) * factor }),
    );
  };
  const actions: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowLeft: ({ shiftKey }) => move(shiftKey ? -KEY_JUMP : -KEY_STEPS),
    ArrowRight: ({ shiftKey }) => move(shiftKey ? KEY_JUMP : KEY_STEPS),
    Home: () => {
      group.crosshair.value = { at: group.span().from, chart: id };
    },
    End: () => {
      group.crosshair.value = { at: group.span().to, chart: id };
    },
    '+': () => zoomBy(0.5),
    '-': () => zoomBy(2),
  };
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && group.crosshair.peek() !== undefined) {
      group.crosshair.value = undefined;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const act = actions[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act(event);
  };
};

export const makePointing = (options: PointingOptions): Pointing => {
  const { id, plot, selection, group, area } = options;
  let hoverX: number | undefined;
  let plotLeft: number | undefined;
  let drag: { readonly pointer: number; readonly startX: number } | undefined;

  const xOf = (event: PointerEvent): number => {
    const { left, right } = area();
    // Asked for once in a while: at each move the page would be laid out for it.
    plotLeft ??= plot.getBoundingClientRect().left;
    return clamp(event.clientX - plotLeft, left, right);
  };
  const timeAt = (x: number): number => {
    const { left, right } = area();
    const { from, to } = group.span();
    return from + ((x - left) / Math.max(1, right - left)) * (to - from);
  };
  const point = (): void => {
    if (hoverX === undefined) return;
    const time = timeAt(hoverX);
    const { times, spacingMs } = group.samples();
    const nearest = times[nearestIndex(times, time) ?? -1];
    const isNear = nearest !== undefined && Math.abs(nearest - time) <= spacingMs;
    const at = isNear ? nearest : time;
    const before = group.crosshair.peek();
    // Within the reach of one sample nothing moves.
    if (before?.at !== at || before.chart !== id) group.crosshair.value = { at, chart: id };
  };
  const showSelection = (x: number): void => {
    if (drag === undefined) return;
    const left = Math.min(drag.startX, x);
    selection.hidden = false;
    selection.style.transform = `translateX(${left}px)`;
    selection.style.width = `${Math.abs(x - drag.startX)}px`;
  };
  const endDrag = (): void => {
    drag = undefined;
    selection.hidden = true;
  };
  const leave = (): void => {
    hoverX = undefined;
    if (group.crosshair.peek()?.chart === id) group.crosshair.value = undefined;
  };
  const onKey = makeKeys(options);
  const listeners = {
    pointerenter: () => {
      plotLeft = undefined;
    },
    pointerdown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      hoverX = xOf(event);
      drag = { pointer: event.pointerId, startX: hoverX };
      plot.setPointerCapture(event.pointerId);
    },
    pointermove: (event: PointerEvent) => {
      hoverX = xOf(event);
      if (drag !== undefined) showSelection(hoverX);
      // One move for each frame that is painted, however many the mouse reports.
      group.frames.request(point);
    },
    pointerup: (event: PointerEvent) => {
      if (drag?.pointer !== event.pointerId) return;
      const { startX } = drag;
      endDrag();
      const x = xOf(event);
      // A finger that taps leaves the crosshair where it was.
      if (Math.abs(x - startX) < LEAST_DRAG_PX) {
        if (event.pointerType === 'touch') point();
        return;
      }
      if (event.pointerType === 'touch') leave();
      group.zoom(atLeast({ from: timeAt(Math.min(x, startX)), to: timeAt(Math.max(x, startX)) }));
    },
    pointercancel: () => {
      endDrag();
      leave();
    },
    pointerleave: ({ pointerType }: PointerEvent) => {
      if (drag === undefined && pointerType !== 'touch') leave();
    },
    dblclick: () => group.backToLive(),
    blur: leave,
  } as const;
  plot.addEventListener('pointerenter', listeners.pointerenter);
  plot.addEventListener('pointerdown', listeners.pointerdown);
  plot.addEventListener('pointermove', listeners.pointermove);
  plot.addEventListener('pointerup', listeners.pointerup);
  plot.addEventListener('pointercancel', listeners.pointercancel);
  plot.addEventListener('pointerleave', listeners.pointerleave);
  plot.addEventListener('dblclick', listeners.dblclick);
  plot.addEventListener('blur', listeners.blur);
  plot.addEventListener('keydown', onKey);
  return {
    follow: () => {
      plotLeft = undefined;
      if (hoverX !== undefined && drag === undefined) point();
    },
    // The listeners go with the element.
    stop: () => group.frames.cancel(point),
  };
};
