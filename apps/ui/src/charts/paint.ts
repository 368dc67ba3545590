/** Draws one frame of a chart between the axes that chart.js has laid out. */
import type { ChartGroup, ChartSpec } from './chart-spec.ts';
import type { Frame, Layer } from './frame.ts';
import type { Palette } from '../ui/palette.ts';
import { lineWidth } from '../ui/line-width.ts';
import { makeTimeTicks } from './time-ticks.ts';
import {
  makePlacing,
  makeSegments,
  traceArea,
  traceLine,
  type Area,
  type Placing,
} from './trace.ts';

export interface Painting {
  readonly context: CanvasRenderingContext2D;
  readonly area: Area;
  readonly frame: Frame;
  readonly spec: ChartSpec;
  readonly group: ChartGroup;
  readonly palette: Palette;
}

const FILL_STACKED = 0.42;
const FILL_ALONE = 0.14;
const LINE_WIDTH = 1.25;
const DASHES = [4, 3];
const HATCH_PX = 6;
/** Narrower gaps are seen without hatching. */
const LEAST_GAP_PX = 3;
const TICK_PX = 64;

/** The smallest rectangle whose edges are whole pixels: lines of one pixel stay sharp. */
const crisp = (value: number): number => Math.round(value) + 0.5;

const paintTimes = ({ context, area, frame, group, palette }: Painting, { x }: Placing): void => {
  const { from, to } = frame.span;
  const count = Math.max(2, Math.floor((area.right - area.left) / TICK_PX));
  const { times, stepMs } = makeTimeTicks(from, to, count, (time) => group.offsetMs(time));
  context.fillStyle = palette.colour('--tx-3');
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const time of times) {
    const label = group.tickLabel(time, stepMs);
    const half = context.measureText(label).width / 2;
    const at = Math.min(x(time), area.right - half);
    if (at - half >= area.left - 8) context.fillText(label, at, area.bottom + 6);
  }
};

const paintGaps = ({ context, area, frame, group, palette }: Painting, { x }: Placing): void => {
  const begin = group.beginsAt() ?? Number.NEGATIVE_INFINITY;
  context.strokeStyle = palette.colour('--line');
  context.lineWidth = 1;
  for (const gap of frame.gaps) {
    const left = Math.max(area.left, x(Math.max(gap.from, begin)));
    const right = Math.min(area.right, x(gap.to));
    if (right - left < LEAST_GAP_PX) continue;
    const height = area.bottom - area.top;
    context.save();
    context.beginPath();
    context.rect(left, area.top, right - left, height);
    context.clip();
    context.beginPath();
    const first = Math.floor((left - height) / HATCH_PX) * HATCH_PX;
    for (let at = first; at < right; at += HATCH_PX) {
      context.moveTo(at, area.bottom);
      context.lineTo(at + height, area.top);
    }
    context.stroke();
    context.restore();
  }
};

const paintLayer = (painting: Painting, layer: Layer, placing: Placing): void => {
  const { context, area, frame, spec, palette } = painting;
  const slices = Math.max(1, Math.floor(area.right - area.left));
  const solid = new Path2D();
  const dashed = new Path2D();
  const areas = new Path2D();
  for (const segment of makeSegments(frame, layer, slices, spec.isSparse === true)) {
    const isDashed = layer.isDashed || segment.isHost;
    traceLine(isDashed ? dashed : solid, segment, frame, layer, placing);
    if (layer.isFilled) traceArea(areas, segment, frame, layer, placing);
  }
  const colour = palette.colour(layer.colour);
  if (layer.isFilled) {
    context.globalAlpha = spec.mode === 'stacked' ? FILL_STACKED : FILL_ALONE;
    context.fillStyle = colour;
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, no array
    context.fill(areas);
    context.globalAlpha = 1;
  }
  context.strokeStyle = colour;
  context.lineWidth = lineWidth(LINE_WIDTH, window.devicePixelRatio);
  context.lineJoin = 'round';
  context.setLineDash([]);
  context.stroke(solid);
  context.setLineDash(DASHES);
  context.stroke(dashed);
  context.setLineDash([]);
};

const paintLimit = ({ context, area, frame, palette }: Painting, { y }: Placing): void => {
  const { limit, axis } = frame;
  if (limit === undefined || limit > axis.top) return;
  const at = crisp(y(limit, { sign: 1, top: axis.top }));
  context.strokeStyle = palette.colour('--tx-3');
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(area.left, at);
  context.lineTo(area.right, at);
  context.stroke();
  context.setLineDash([]);
};

const paintMarks = ({ context, area, group, palette, frame }: Painting, { x }: Placing): void => {
  context.strokeStyle = palette.colour('--warn');
  context.fillStyle = palette.colour('--warn');
  context.lineWidth = 1;
  for (const { at } of group.marks.peek()) {
    if (at < frame.span.from || at > frame.span.to) continue;
    const place = crisp(x(at));
    context.globalAlpha = 0.55;
    context.beginPath();
    context.moveTo(place, area.top);
    context.lineTo(place, area.bottom);
    context.stroke();
    context.globalAlpha = 1;
    context.beginPath();
    context.moveTo(place - 3.5, area.top - 5);
    context.lineTo(place + 3.5, area.top - 5);
    context.lineTo(place, area.top);
    context.closePath();
    context.fill();
  }
};

export const paint = (painting: Painting): void => {
  const { context, area, frame, spec, palette } = painting;
  const placing = makePlacing(frame, area, spec.mode === 'mirrored');
  context.save();
  context.font = `10px ${palette.font}`;
  paintTimes(painting, placing);
  if (frame.percentTop !== undefined) {
    context.textAlign = 'right';
    context.textBaseline = 'alphabetic';
    context.fillText(`${frame.percentTop}%`, area.right, area.top - 1);
  }
  context.beginPath();
  context.rect(area.left, area.top - 6, area.right - area.left, area.bottom - area.top + 7);
  context.clip();
  paintGaps(painting, placing);
  // From the top of the stack, so that each line lies over the area of the next.
  for (const layer of frame.layers.toReversed()) paintLayer(painting, layer, placing);
  paintLimit(painting, placing);
  paintMarks(painting, placing);
  context.restore();
};
