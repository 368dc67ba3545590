/** Which lines are wanted, and how many there are of each kind. */
import { LEVELS, viewLevel, type LineRow, type ViewLevel } from './row.ts';

export interface Filter {
  /** This level and worse. */
  readonly level: ViewLevel | undefined;
  /** None: all. */
  readonly units: ReadonlySet<string>;
  readonly stream: 'stdout' | 'stderr' | undefined;
}

export const passes = (filter: Filter, { event }: LineRow): boolean => {
  if (
    filter.level !== undefined &&
    LEVELS.indexOf(viewLevel(event.level)) > LEVELS.indexOf(filter.level)
  ) {
    return false;
  }
  if (filter.units.size > 0 && !filter.units.has(event.target)) return false;
  return filter.stream === undefined || event.stream === filter.stream;
};

export interface Counts {
  readonly lines: number;
  readonly levels: Readonly<Record<ViewLevel, number>>;
  readonly streams: Readonly<Record<'stdout' | 'stderr', number>>;
  /** Most frequent first. */
  units(): readonly (readonly [unit: string, count: number])[];
}

export interface Counter extends Counts {
  add(row: LineRow): void;
  remove(row: LineRow): void;
}

export const makeCounter = (): Counter => {
  const levels = { error: 0, warn: 0, info: 0, debug: 0 };
  const streams = { stdout: 0, stderr: 0 };
  const units = new Map<string, number>();
  let lines = 0;
  const change = ({ event }: LineRow, by: 1 | -1): void => {
    lines += by;
    levels[viewLevel(event.level)] += by;
    if (event.stream !== undefined) streams[event.stream] += by;
    const count = (units.get(event.target) ?? 0) + by;
    if (count === 0) units.delete(event.target);
    else units.set(event.target, count);
  };
  return {
    levels,
    streams,
    get lines() {
      return lines;
    },
    units: () =>
      [...units].toSorted(
        ([name, count], [otherName, otherCount]) =>
          otherCount - count || (name < otherName ? -1 : 1),
      ),
    add: (row) => change(row, 1),
    remove: (row) => change(row, -1),
  };
};
