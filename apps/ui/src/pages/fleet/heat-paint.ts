/**
 * Paints the heat map. From one second to the next few cells change their step of colour: only those
 * are painted again, unless the layout, the theme or an outline has changed.
 */
import type { Palette } from '../../ui/palette.ts';
import { facetOf } from './fleet-lines.ts';
import type { HeatLayout } from './heat-layout.ts';

export const RAMP = ['--h0', '--h1', '--h2', '--h3', '--h4', '--h5'] as const;

type Cell = HeatLayout['cells'][number];

/** Of a host's name below its block; the rest would not fit anyway. */
const MAX_NAME = 60;

/** The token it is filled with, and that of its outline; undefined: none. */
export interface CellLook {
  readonly fill: string | undefined;
  readonly outline: string | undefined;
  /** Not what is filtered for. */
  readonly isFaint: boolean;
}

export const lookOf = ({ vm }: Pick<Cell, 'vm'>, isFaint: boolean): CellLook => {
  const percent = vm.row?.cpuUsagePercent ?? null;
  const step = Math.min(RAMP.length - 1, Math.floor(((percent ?? 0) / 100) * RAMP.length));
  const facet = facetOf(vm);
  const isSilent = facet === 'warning' || facet === 'stale' || facet === 'degraded';
  return {
    fill: percent === null ? undefined : (RAMP[step] ?? '--h0'),
    outline: isFaint
      ? undefined
      : facet === 'critical'
        ? '--crit'
        : isSilent
          ? '--warn'
          : undefined,
    isFaint,
  };
};

const FAINT = 0.25;

/** No value has no colour of the ramp: idle and unknown must not look alike. */
const paintFill = (
  context: CanvasRenderingContext2D,
  palette: Palette,
  { x, y, size }: Cell,
  { fill, isFaint }: CellLook,
): void => {
  if (fill === undefined || isFaint) context.clearRect(x, y, size, size);
  context.globalAlpha = isFaint ? FAINT : 1;
  if (fill === undefined) {
    context.strokeStyle = palette.colour('--off');
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
  } else {
    context.fillStyle = palette.colour(fill);
    context.fillRect(x, y, size, size);
  }
  context.globalAlpha = 1;
};

const paintOutline = (
  context: CanvasRenderingContext2D,
  palette: Palette,
  { x, y, size }: Cell,
  { outline }: CellLook,
): void => {
  if (outline === undefined) return;
  context.strokeStyle = palette.colour(outline);
  context.lineWidth = 1.5;
  context.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
};

/** As much of it as there is room for. */
const shorten = (context: CanvasRenderingContext2D, name: string, width: number): string => {
  if (context.measureText(name).width <= width) return name;
  let kept = Array.from(name).slice(0, MAX_NAME);
  while (kept.length > 1 && context.measureText(`${kept.join('')}…`).width > width) {
    kept = kept.slice(0, -1);
  }
  return `${kept.join('')}…`;
};

interface Painted {
  readonly layout: HeatLayout;
  readonly palette: Palette;
  readonly ratio: number;
  readonly looks: readonly CellLook[];
}

const paintAll = (
  context: CanvasRenderingContext2D,
  { layout, palette, ratio, looks }: Painted,
): void => {
  const { canvas } = context;
  canvas.width = Math.round(layout.width * ratio);
  canvas.height = Math.round(layout.height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const [index, cell] of layout.cells.entries()) {
    const look = looks[index];
    if (look === undefined) continue;
    paintFill(context, palette, cell, look);
    paintOutline(context, palette, cell, look);
  }
  context.fillStyle = palette.colour('--tx-3');
  context.font = `10px ${palette.font}`;
  for (const { name, x, y, width } of layout.blocks) {
    context.fillText(shorten(context, name, width), x, y);
  }
};

/** The cells whose filling is another one; undefined where that is not all that has changed. */
export const changedCells = (
  before: readonly CellLook[],
  after: readonly CellLook[],
): readonly number[] | undefined => {
  const changed: number[] = [];
  for (const [index, { fill, outline, isFaint }] of after.entries()) {
    const old = before[index];
    if (old?.fill === fill && old?.outline === outline && old?.isFaint === isFaint) continue;
    // An outline lies over the cells around.
    if (old === undefined || old.outline !== undefined || outline !== undefined) return undefined;
    changed.push(index);
  }
  return changed;
};

export type HeatPainter = (
  canvas: HTMLCanvasElement,
  layout: HeatLayout,
  palette: Palette,
  ratio: number,
  isFaint: (vm: Cell['vm']) => boolean,
) => void;

export const makeHeatPainter = (): HeatPainter => {
  let before: Painted | undefined;
  return (canvas, layout, palette, ratio, isFaint) => {
    const context = canvas.getContext('2d');
    if (context === null) return;
    const looks = layout.cells.map((cell) => lookOf(cell, isFaint(cell.vm)));
    const painted = { layout, palette, ratio, looks };
    const isSame =
      before?.layout === layout && before.palette === palette && before.ratio === ratio;
    const changed =
      isSame && before !== undefined ? changedCells(before.looks, painted.looks) : undefined;
    before = painted;
    if (changed === undefined) {
      paintAll(context, painted);
      return;
    }
    for (const index of changed) {
      const [cell, look] = [layout.cells[index], painted.looks[index]];
      if (cell !== undefined && look !== undefined) paintFill(context, palette, cell, look);
    }
  };
};
