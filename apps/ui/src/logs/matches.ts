/** Where a searched text stands in a line, and a line cut into what is to be marked and what not. */
import type { Piece, ShownText } from '../terminal/hostile-text.ts';

export type Range = readonly [start: number, end: number];

export interface Segment extends Piece {
  readonly isMatch: boolean;
}

/** More in one line are not marked: nobody counts them, and each costs an element. */
const MOST_MARKS = 200;

/** Plain text in whatever case; undefined: nothing is searched. */
export const makeMatcher = (text: string): RegExp | undefined =>
  text === '' ? undefined : new RegExp(text.replaceAll(/[$()*+.?[\\\]^{|}]/gu, '\\$&'), 'giu');

export const isMatch = (matcher: RegExp, text: string): boolean => {
  matcher.lastIndex = 0;
  return matcher.test(text);
};

export const rangesOf = (matcher: RegExp | undefined, text: string): readonly Range[] => {
  if (matcher === undefined) return [];
  const ranges: Range[] = [];
  for (const match of text.matchAll(matcher)) {
    ranges.push([match.index, match.index + match[0].length]);
    if (ranges.length === MOST_MARKS) break;
  }
  return ranges;
};

/** In order, and together the first `most` characters of the text. */
export const cutAtMatches = (
  { plain, pieces }: ShownText,
  ranges: readonly Range[],
  most: number,
): readonly Segment[] => {
  const segments: Segment[] = [];
  let at = 0;
  let next = 0;
  for (const { text, className } of pieces ?? [{ text: plain, className: '' }]) {
    const end = Math.min(at + text.length, most);
    let from = at;
    while (from < end) {
      while (next < ranges.length && (ranges[next]?.[1] ?? 0) <= from) next += 1;
      const [start, stop] = ranges[next] ?? [end, end];
      const inside = start <= from && from < stop;
      const to = Math.min(end, inside ? stop : Math.max(start, from + 1));
      segments.push({ text: text.slice(from - at, to - at), className, isMatch: inside });
      from = to;
    }
    at += text.length;
    if (at >= most) break;
  }
  return segments;
};
