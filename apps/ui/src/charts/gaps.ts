/** Spans of time in which a chart has nothing to draw. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** So many times the usual distance is a gap; one sample that comes late is none. */
const GAP = 2.5;

export const gapAfterMs = (spacingMs: number): number => spacingMs * GAP;

/** `isKnown` says whether a row has anything to draw. */
export const findGaps = (
  times: Float64Array,
  isKnown: (index: number) => boolean,
  { from, to, spacingMs }: Span & { readonly spacingMs: number },
): readonly Span[] => {
  const limit = gapAfterMs(spacingMs);
  const half = spacingMs / 2;
  const gaps: Span[] = [];
  let before = Number.NEGATIVE_INFINITY;
  let isBroken = false;
  const close = (time: number): void => {
    const start = Math.max(from, before + half);
    const end = Math.min(to, time - half);
    if ((isBroken || time - before > limit) && end > start) gaps.push({ from: start, to: end });
  };
  for (let index = 0; index < times.length; index += 1) {
    const time = times[index] ?? 0;
    if (!isKnown(index)) {
      isBroken = true;
      continue;
    }
    if (time >= from) close(time);
    before = time;
    isBroken = false;
    if (time > to) return gaps;
  }
  // The next row may just not be there yet.
  if (isBroken || to - before > limit) close(Math.max(to, before) + half);
  return gaps;
};
