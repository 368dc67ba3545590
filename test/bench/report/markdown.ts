/** Tables and numbers of docs/bench.md. */

import type { Spread } from './statistics.ts';

/** Two significant digits below ten, whole numbers from a hundred: no run is more exact than that. */
export const formatNumber = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 1 || size === 0) return value.toFixed(2).replace(/^0\.00$/u, '0');
  return size < 0.0005 ? '<0.001' : value.toPrecision(2);
};

/** "48.2 (47.9–48.8)", and the number alone where there was one run or no difference. */
export const formatSpread = ({ median, min, max }: Spread): string => {
  const [middle, low, high] = [median, min, max].map((value) => formatNumber(value));
  return low === high ? `${middle}` : `${middle} (${low}–${high})`;
};

/** The first column is text, the others are figures. */
export const formatTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string => {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n');
};
