/**
 * Writes rows although Postgres refuses some of them: halves what was refused until the culprits
 * stand alone, and leaves those out.
 */

/** Past this many, whatever else is refused is left out by the slice: the search has to end. */
const MAX_CULPRITS = 50;

export interface Isolated {
  readonly written: number;
  readonly refused: number;
  readonly firstError: unknown;
}

/**
 * `insert` writes rows `from` to `to` at once or not at all. An error that `isRefusal` does not
 * know goes on to the caller.
 */
export const insertIsolating = async (
  count: number,
  insert: (from: number, to: number) => Promise<number>,
  isRefusal: (error: unknown) => boolean,
): Promise<Isolated> => {
  let written = 0;
  let refused = 0;
  let culprits = 0;
  let firstError: unknown;
  const slices = count === 0 ? [] : [{ from: 0, to: count }];
  for (let slice = slices.pop(); slice !== undefined; slice = slices.pop()) {
    const { from, to } = slice;
    try {
      written += await insert(from, to);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      firstError ??= error;
      if (to - from === 1 || culprits >= MAX_CULPRITS) {
        culprits++;
        refused += to - from;
      } else {
        const middle = Math.floor((from + to) / 2);
        slices.push({ from: middle, to }, { from, to: middle });
      }
    }
  }
  return { written, refused, firstError };
};
