/** Where each line stands, in pixels from the top: one height for all, or each its own. */

export interface Geometry {
  readonly total: number;
  /** Of its upper edge; of one past the last: the end of all. */
  top(position: number): number;
  /** The line that covers this place. */
  positionAt(pixels: number): number;
}

export const fixedGeometry = (count: number, height: number): Geometry => ({
  total: count * height,
  top: (position) => Math.min(position, count) * height,
  positionAt: (pixels) =>
    Math.max(0, Math.min(Math.max(0, count - 1), Math.floor(pixels / height))),
});

/** @param linesOf how many lines of text it takes */
export const variableGeometry = (
  count: number,
  height: number,
  linesOf: (position: number) => number,
): Geometry => {
  const tops = new Float64Array(count + 1);
  let total = 0;
  for (let position = 0; position < count; position += 1) {
    tops[position] = total;
    total += linesOf(position) * height;
  }
  tops[count] = total;
  return {
    total,
    top: (position) => tops[Math.max(0, Math.min(position, count))] ?? total,
    positionAt: (pixels) => {
      let low = 0;
      let high = Math.max(0, count - 1);
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if ((tops[middle] ?? total) <= pixels) low = middle;
        else high = middle - 1;
      }
      return low;
    },
  };
};

/** How many lines a text takes where every character is as wide as the others; measured later. */
export const guessLines = (text: string, columns: number): number => {
  if (columns < 1) return 1;
  let lines = 0;
  let from = 0;
  while (from <= text.length) {
    const feed = text.indexOf('\n', from);
    const end = feed === -1 ? text.length : feed;
    lines += Math.max(1, Math.ceil((end - from) / columns));
    from = end + 1;
  }
  return lines;
};

/**
 * Where the upper edge belongs after the box has become lower, by the details of a line for
 * instance: what opens is not to cover that line.
 */
export const topThatKeeps = (
  geometry: Geometry,
  position: number,
  top: number,
  height: { readonly before: number; readonly now: number },
): number => {
  const bottom = geometry.top(position + 1);
  const wasSeen = bottom > top && geometry.top(position) < top + height.before;
  return wasSeen ? Math.max(top, bottom - height.now) : top;
};
