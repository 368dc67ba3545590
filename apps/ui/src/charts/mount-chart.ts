/** Keeps one chart painted: when there is something new, it is in sight and the tab is looked at. */
import { effect } from '@preact/signals';
import { makeAxes } from './axes.ts';
import type { ChartGroup, ChartSpec } from './chart-spec.ts';
import { makeFrame, type Frame } from './frame.ts';
import { paint } from './paint.ts';
import { makePointer } from './pointer.ts';
import { makePointing } from './pointing.ts';
import {
  noteAt,
  rowAt,
  showFigures,
  showPointer,
  valuesText,
  type ReadoutParts,
} from './readout.ts';
import { makeThrottle } from './throttle.ts';

export interface ChartParts extends ReadoutParts {
  readonly plot: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly selection: HTMLElement;
}

export interface MountedChart {
  frame(): Frame | undefined;
  stop(): void;
}

/** Nobody reads numbers faster, and they cost more than the line that moves. */
const FIGURES_MS = 200;
/** Eyes are on the chart that is pointed at: the others follow twenty times a second. */
const FOLLOW_MS = 40;
const EVERY_OUT_OF_SIGHT = 10;

export const mountChart = (parts: ChartParts, spec: ChartSpec, group: ChartGroup): MountedChart => {
  const { plot, canvas } = parts;
  const pointer = makePointer(canvas);
  let frame: Frame | undefined;
  let isInSight = true;
  let ticksOutOfSight = 0;
  let isStopped = false;
  let pointedAt = 0;
  /** What is said of the moment, until the figures are written again. */
  let note: string | undefined;

  const measure = (): void => {
    const { left, right } = axes.area();
    group.setWidth(Math.round(right - left));
  };
  const axes = makeAxes({
    canvas,
    unit: spec.unit,
    onDraw: (context) => {
      pointer.forget();
      if (frame === undefined) return;
      paint({ context, area: axes.area(), frame, spec, group, palette: group.palette.peek() });
    },
    onResize: () => schedule(),
  });
  const speak = (): void => {
    const at = group.crosshair.peek()?.at;
    if (frame === undefined || at === undefined || document.activeElement !== plot) return;
    const { from, to } = frame.span;
    const share = Math.round(((at - from) / Math.max(1, to - from)) * 100);
    plot.setAttribute('aria-valuenow', String(share));
    plot.setAttribute(
      'aria-valuetext',
      `${noteAt(frame, group, at)}: ${valuesText(frame, spec, rowAt(frame, at))}`,
    );
  };
  const point = (): void => {
    if (frame === undefined) return;
    pointedAt = performance.now();
    const crosshair = group.crosshair.peek();
    if (crosshair?.chart !== spec.id) note = undefined;
    else note ??= noteAt(frame, group, crosshair.at);
    showPointer(pointer, frame, spec, group, { area: axes.area(), note });
  };
  const writeFigures = (): void => {
    if (isStopped || frame === undefined) return;
    showFigures(parts, frame, spec, group);
    note = undefined;
    point();
    speak();
  };
  // All charts in one frame: the page is laid out once for them.
  const figures = makeThrottle(() => group.frames.request(writeFigures), FIGURES_MS);
  const draw = (): void => {
    if (isStopped) return;
    pointing.follow();
    frame = makeFrame(spec, group.samples(), group.span(), frame);
    axes.draw(frame.axis, group.palette.peek());
    measure();
    figures.runNow();
  };
  // A frame is only asked for in a tab that is looked at: a hidden one costs nothing.
  const schedule = (): void => {
    if (!isStopped) group.frames.request(draw);
  };
  /** A chart that is scrolled away is kept fresh enough to be scrolled to. */
  const scheduleIfSeen = (): void => {
    ticksOutOfSight = isInSight ? 0 : ticksOutOfSight + 1;
    if (ticksOutOfSight % EVERY_OUT_OF_SIGHT === 0) schedule();
  };
  const pointing = makePointing({
    id: spec.id,
    plot,
    selection: parts.selection,
    group,
    area: axes.area,
  });
  const sight = new IntersectionObserver((entries) => {
    isInSight = entries.at(-1)?.isIntersecting ?? true;
    schedule();
  });
  sight.observe(plot);
  const endTicks = effect(() => {
    void group.tick.value;
    void group.marks.value;
    scheduleIfSeen();
  });
  const endTheme = effect(() => {
    void group.palette.value;
    schedule();
  });
  const endCrosshair = effect(() => {
    void group.crosshair.value;
    if (frame === undefined || !isInSight) return;
    const crosshair = group.crosshair.peek();
    const isAtOnce = crosshair === undefined || crosshair.chart === spec.id;
    // Where it comes to rest, they are with it as soon as their figures are.
    if (isAtOnce || performance.now() - pointedAt >= FOLLOW_MS) point();
    figures.run();
  });
  return {
    frame: () => frame,
    stop: () => {
      isStopped = true;
      group.frames.cancel(draw);
      group.frames.cancel(writeFigures);
      figures.stop();
      endTicks();
      endTheme();
      endCrosshair();
      sight.disconnect();
      pointing.stop();
      axes.destroy();
    },
  };
};
