/**
 * Several machines' lines in one order. Each sends its own in order, but not at the same moment as
 * the others, so what has come last may belong before what is there already.
 */
import type { Ring } from '../terminal/ring.ts';
import type { Row } from './row.ts';

/** Both in order; of equal ones those that were there stay first. */
export const mergeRows = (before: readonly Row[], added: readonly Row[]): Row[] => {
  const merged: Row[] = [];
  let next = 0;
  for (const row of added) {
    for (; next < before.length; next += 1) {
      const other = before[next];
      if (other === undefined || other.at > row.at) break;
      merged.push(other);
    }
    merged.push(row);
  }
  for (; next < before.length; next += 1) {
    const other = before[next];
    if (other !== undefined) merged.push(other);
  }
  return merged;
};

/** Rising times: a line that its clock puts before its predecessor stays behind that one. */
const inOrder = (rows: readonly Row[]): readonly Row[] => {
  let latest = Number.NEGATIVE_INFINITY;
  return rows.map((row) => {
    latest = Math.max(latest, row.at);
    return row.at === latest ? row : { ...row, at: latest };
  });
};

/**
 * Puts the rows where they belong.
 * @param lateMs who is later than this, by a wrong clock for instance, is put at the end, where
 *   somebody sees it
 * @returns from where on the lines are others than before
 */
export const insertRows = (
  ring: Ring<Row>,
  rows: readonly Row[],
  lateMs = Number.POSITIVE_INFINITY,
): number => {
  const newest = ring.at(ring.end - 1)?.at ?? Number.NEGATIVE_INFINITY;
  const sorted = inOrder(
    rows.map((row) => (row.at < newest - lateMs ? { ...row, at: newest } : row)),
  );
  const [first] = sorted;
  if (first === undefined) return ring.end;
  const displaced: Row[] = [];
  for (let last = ring.at(ring.end - 1); last !== undefined && last.at > first.at;) {
    displaced.push(last);
    ring.pop();
    last = ring.at(ring.end - 1);
  }
  const from = ring.end;
  for (const row of mergeRows(displaced.reverse(), sorted)) ring.push(row);
  return from;
};
