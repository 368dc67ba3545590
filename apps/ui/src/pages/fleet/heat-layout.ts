/**
 * Where each cell of the heat map stands: blocks of six rows by host, side by side, then wrapped.
 * The cells are as large as they may be for all hosts to fit into one band.
 */
import type { FleetVm } from '../../state/fleet-entries.ts';
import type { Line } from './fleet-lines.ts';

export interface HeatLayout {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly {
    readonly vm: FleetVm;
    readonly x: number;
    readonly y: number;
    readonly size: number;
  }[];
  /** The hosts' names below their blocks. */
  readonly blocks: readonly {
    readonly name: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
  }[];
}

const SIZES = [12, 10, 8, 7, 6, 5] as const;
const SMALLEST = 5;
const GAP = 1;
const BLOCK_ROWS = 6;
const BLOCK_GAP = 5;
const NAME_HEIGHT = 14;
const MIN_BLOCK = 38;
/** A name may widen its block up to this. */
const MAX_NAME_BLOCK = 70;
const CHARACTER = 5.5;
const BAND_GAP = 8;

type Group = Extract<Line, { readonly kind: 'group' }>;

/** A host with many VMs gets a wider block, at most as wide as the page. */
const columnsFor = (count: number, width: number, pitch: number): number =>
  Math.max(1, Math.min(Math.ceil(count / BLOCK_ROWS), Math.floor(width / pitch)));

const blockWidthOf = ({ name, vms }: Group, width: number, pitch: number): number =>
  Math.max(
    MIN_BLOCK,
    Math.min(MAX_NAME_BLOCK, name.length * CHARACTER),
    columnsFor(vms.length, width, pitch) * pitch,
  );

const sizeFor = (groups: readonly Group[], width: number): number => {
  const fits = (size: number): boolean => {
    const widths = groups.map((group) => blockWidthOf(group, width, size + GAP) + BLOCK_GAP);
    return widths.reduce((sum, one) => sum + one, -BLOCK_GAP) <= width;
  };
  return SIZES.find(fits) ?? SMALLEST;
};

export const layOutHeat = (lines: readonly Line[], width: number): HeatLayout => {
  const groups = lines.flatMap((line) => (line.kind === 'group' ? [line] : []));
  const size = sizeFor(groups, width);
  const pitch = size + GAP;
  const cells: { vm: FleetVm; x: number; y: number; size: number }[] = [];
  const blocks: { name: string; x: number; y: number; width: number }[] = [];
  let x = 0;
  let y = 0;
  let bandHeight = 0;
  for (const group of groups) {
    const { name, vms } = group;
    const columns = columnsFor(vms.length, width, pitch);
    const rows = Math.ceil(vms.length / columns);
    const blockWidth = blockWidthOf(group, width, pitch);
    if (x > 0 && x + blockWidth > width) {
      x = 0;
      y += bandHeight + BAND_GAP;
      bandHeight = 0;
    }
    for (const [index, vm] of vms.entries()) {
      const column = Math.floor(index / rows);
      cells.push({ vm, x: x + column * pitch, y: y + (index % rows) * pitch + 1, size });
    }
    const height = Math.max(rows, 1) * pitch;
    blocks.push({ name, x, y: y + height + NAME_HEIGHT - 4, width: blockWidth });
    bandHeight = Math.max(bandHeight, height + NAME_HEIGHT);
    x += blockWidth + BLOCK_GAP;
  }
  return { width, height: y + bandHeight + 2, cells, blocks };
};

export const cellAt = (layout: HeatLayout, x: number, y: number): FleetVm | undefined =>
  layout.cells.find(
    ({ x: left, y: top, size }) =>
      x >= left && x < left + size + GAP && y >= top && y < top + size + GAP,
  )?.vm;
