/**
 * Time-stamped rows of several numbers, oldest first, in flat typed arrays: what charts draw.
 * Unknown is NaN in here. The newest rows push out the oldest.
 */

export const ORIGIN_NONE = 0;
export const ORIGIN_GUEST = 1;
export const ORIGIN_HOST = 2;

export interface Samples {
  readonly length: number;
  readonly times: Float64Array;
  /** Where the values of each row come from, as one of the numbers above. */
  readonly origins: Uint8Array;
  /** How far apart rows are while nothing is missing. */
  readonly spacingMs: number;
  column(name: string): Float32Array;
}

export interface SampleRow {
  readonly time: number;
  readonly origin: number;
  /** In the order of the columns. */
  readonly values: ArrayLike<number>;
}

export interface SampleBuffer {
  view(): Samples;
  readonly length: number;
  lastTime(): number | undefined;
  /** False: not newer than what is there, and left out. */
  push(row: SampleRow): boolean;
  /** Overwrites the newest row. */
  replaceLast(row: SampleRow): void;
  /** Puts rows, oldest first, where there are none yet within half a step of them. */
  insert(rows: readonly SampleRow[], stepMs: number): void;
}

/** What does not change when the buffer behind it does. */
export const copySamples = (samples: Samples, columns: readonly string[]): Samples => {
  const copies = new Map(columns.map((name) => [name, samples.column(name).slice()]));
  return {
    length: samples.length,
    spacingMs: samples.spacingMs,
    times: samples.times.slice(),
    origins: samples.origins.slice(),
    column: (name) => copies.get(name) ?? new Float32Array(0),
  };
};

/** The first index whose time is not before `time`. */
export const indexFrom = (times: Float64Array, time: number): number => {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Number.NaN) < time) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The index whose time is nearest; undefined where there is none. */
export const nearestIndex = (times: Float64Array, time: number): number | undefined => {
  if (times.length === 0) return undefined;
  const after = indexFrom(times, time);
  const next = times[after];
  const before = times[after - 1];
  if (next === undefined) return after - 1;
  if (before === undefined) return after;
  return time - before <= next - time ? after - 1 : after;
};

const MEDIAN_OF = 31;

/** The usual distance of the newest rows, so that agents asked every ten seconds have no gaps. */
const medianSpacing = (times: Float64Array): number => {
  const distances: number[] = [];
  for (let index = Math.max(1, times.length - MEDIAN_OF); index < times.length; index += 1) {
    distances.push((times[index] ?? 0) - (times[index - 1] ?? 0));
  }
  return distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? 0;
};

export const makeSampleBuffer = (
  columns: readonly string[],
  capacity: number,
  stepMs: number,
): SampleBuffer => {
  // Twice the room, so that rows stay in one piece and move only once in `capacity` pushes.
  const room = capacity * 2;
  const times = new Float64Array(room);
  const origins = new Uint8Array(room);
  const values = columns.map(() => new Float32Array(room));
  const nothing = new Float32Array(0);
  let start = 0;
  let end = 0;

  const write = (index: number, row: SampleRow): void => {
    times[index] = row.time;
    origins[index] = row.origin;
    for (let column = 0; column < values.length; column += 1) {
      const target = values[column];
      if (target !== undefined) target[index] = row.values[column] ?? Number.NaN;
    }
  };
  const lastTime = (): number | undefined => (end === start ? undefined : times[end - 1]);
  const push: SampleBuffer['push'] = (row) => {
    if (row.time <= (lastTime() ?? Number.NEGATIVE_INFINITY)) return false;
    if (end === room) {
      for (const array of [times, origins, ...values]) array.copyWithin(0, start, end);
      end -= start;
      start = 0;
    }
    write(end, row);
    end += 1;
    if (end - start > capacity) start += 1;
    return true;
  };
  const rows = (): SampleRow[] =>
    Array.from({ length: end - start }, (_, index) => ({
      time: times[start + index] ?? Number.NaN,
      origin: origins[start + index] ?? ORIGIN_NONE,
      values: values.map((column) => column[start + index] ?? Number.NaN),
    }));

  return {
    get length() {
      return end - start;
    },
    lastTime,
    push,
    replaceLast: (row) => {
      if (end > start) write(end - 1, row);
    },
    insert: (added, addedStepMs) => {
      const present = times.subarray(start, end);
      const half = addedStepMs / 2;
      const missing = added.filter(({ time }) => {
        const nearest = present[nearestIndex(present, time) ?? 0];
        return nearest === undefined || Math.abs(nearest - time) > half;
      });
      const all = [...rows(), ...missing].toSorted((a, b) => a.time - b.time);
      start = 0;
      end = 0;
      for (const row of all) push(row);
    },
    view: () => {
      const shown = times.subarray(start, end);
      return {
        length: end - start,
        times: shown,
        origins: origins.subarray(start, end),
        spacingMs: Math.max(stepMs, medianSpacing(shown)),
        column: (name) => {
          const index = columns.indexOf(name);
          return values[index]?.subarray(start, end) ?? nothing;
        },
      };
    },
  };
};
