/** Adds series up, so that each is drawn on top of those before it. */

/** Unknown counts as nothing while another series is known at that row; where none is, it stays. */
export const stackColumns = (
  columns: readonly Float32Array[],
  start: number,
  end: number,
): readonly Float32Array[] => {
  const stacked = columns.map((column) => new Float32Array(column.length).fill(Number.NaN));
  for (let index = start; index < end; index += 1) {
    let sum = 0;
    let isKnown = false;
    for (const column of columns) isKnown ||= !Number.isNaN(column[index] ?? Number.NaN);
    if (!isKnown) continue;
    for (const [place, column] of columns.entries()) {
      const value = column[index] ?? Number.NaN;
      if (!Number.isNaN(value)) sum += value;
      const target = stacked[place];
      if (target !== undefined) target[index] = sum;
    }
  }
  return stacked;
};

/** The largest known value of the rows; 0 where there is none. */
export const largestOf = (columns: readonly Float32Array[], start: number, end: number): number => {
  let largest = 0;
  for (const column of columns) {
    for (let index = start; index < end; index += 1) {
      const value = column[index] ?? Number.NaN;
      if (value > largest) largest = value;
    }
  }
  return largest;
};
