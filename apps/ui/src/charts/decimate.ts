/**
 * Chooses which rows a line goes through when there are more of them than pixels: of each slice of
 * time the first, the lowest, the highest and the last, so that no peak is lost.
 */

/** Up to this many rows for each slice all are drawn: choosing costs more than it saves. */
const DENSE = 4;

export const decimate = (
  times: Float64Array,
  values: Float32Array,
  { start, end, slices }: { readonly start: number; readonly end: number; readonly slices: number },
): Int32Array => {
  const from = times[start] ?? 0;
  const span = (times[end - 1] ?? from) - from;
  const chosen = new Int32Array(Math.min(end - start, (slices + 1) * DENSE));
  let count = 0;
  if (end - start <= slices * DENSE || span <= 0) {
    for (let index = start; index < end && count < chosen.length; index += 1) {
      if (Number.isNaN(values[index] ?? Number.NaN)) continue;
      chosen[count] = index;
      count += 1;
    }
    return chosen.subarray(0, count);
  }
  const keep = (index: number): void => {
    if (index === -1 || (count > 0 && chosen[count - 1] === index)) return;
    chosen[count] = index;
    count += 1;
  };
  let slice = 0;
  let first = -1;
  let low = -1;
  let high = -1;
  let last = -1;
  const close = (): void => {
    keep(first);
    keep(Math.min(low, high));
    keep(Math.max(low, high));
    keep(last);
    first = -1;
    low = -1;
    high = -1;
    last = -1;
  };
  for (let index = start; index < end; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const here = Math.min(slices, Math.floor((((times[index] ?? 0) - from) / span) * slices));
    if (here !== slice) {
      close();
      slice = here;
    }
    if (first === -1) first = index;
    if (low === -1 || value < (values[low] ?? 0)) low = index;
    if (high === -1 || value > (values[high] ?? 0)) high = index;
    last = index;
  }
  close();
  return chosen.subarray(0, count);
};
