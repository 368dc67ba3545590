/**
 * What differs between two outputs, line by line: the longest common subsequence, after what is the
 * same at both ends. Lines that differ only in times are the same. Pure.
 */
import { withoutTimes } from './without-times.ts';

export interface DiffLine {
  readonly op: ' ' | '+' | '-';
  readonly text: string;
}

export interface Diff {
  readonly lines: readonly DiffLine[];
  /** There is more than this. */
  readonly cut: boolean;
}

/** Around what differs. */
const CONTEXT = 2;

const commonStart = (one: readonly string[], other: readonly string[]): number => {
  let at = 0;
  while (at < one.length && at < other.length && one[at] === other[at]) at += 1;
  return at;
};

/** Lengths of the longest common subsequences of the rests, row by row. */
const lengths = (one: readonly string[], other: readonly string[]): Uint16Array[] => {
  const rows = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      const row = rows[i];
      const below = rows[i + 1];
      if (row === undefined || below === undefined) continue;
      row[j] =
        one[i] === other[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
};

const compareMiddle = (
  one: readonly string[],
  other: readonly string[],
  plain: { readonly one: readonly string[]; readonly other: readonly string[] },
): DiffLine[] => {
  const table = lengths(plain.one, plain.other);
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length) {
    const isSame = i < one.length && j < other.length && plain.one[i] === plain.other[j];
    const goesDown = (table[i + 1]?.[j] ?? -1) >= (table[i]?.[j + 1] ?? -1);
    if (isSame) {
      lines.push({ op: ' ', text: other[j] ?? '' });
      i += 1;
      j += 1;
    } else if (j >= other.length || (i < one.length && goesDown)) {
      lines.push({ op: '-', text: one[i] ?? '' });
      i += 1;
    } else {
      lines.push({ op: '+', text: other[j] ?? '' });
      j += 1;
    }
  }
  return lines;
};

/** `maxCompared`: of what differs on each side; its square is what this costs. */
export const diffLines = (
  one: readonly string[],
  other: readonly string[],
  { maxCompared, maxLines }: { readonly maxCompared: number; readonly maxLines: number },
): Diff => {
  const plainOne = one.map(withoutTimes);
  const plainOther = other.map(withoutTimes);
  const start = commonStart(plainOne, plainOther);
  const end = commonStart(plainOne.slice(start).toReversed(), plainOther.slice(start).toReversed());
  const middle = (lines: readonly string[]): string[] =>
    lines.slice(start, lines.length - end).slice(0, maxCompared);
  const isCut = Math.max(one.length, other.length) - start - end > maxCompared;
  const lines = [
    ...other.slice(Math.max(0, start - CONTEXT), start).map((text) => ({ op: ' ', text }) as const),
    ...compareMiddle(middle(one), middle(other), {
      one: middle(plainOne),
      other: middle(plainOther),
    }),
    ...(isCut ? [] : other.slice(other.length - end, other.length - end + CONTEXT)).map(
      (text) => ({ op: ' ', text }) as const,
    ),
  ];
  return { lines: lines.slice(0, maxLines), cut: isCut || lines.length > maxLines };
};
