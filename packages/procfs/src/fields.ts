/**
 * Cutting text into lines, fields and columns of numbers, as nearly all /proc files need it.
 *
 * Loops over lines and fields count an index here and in the other parsers: without a JIT, `for…of`
 * makes an object for each step, and these steps were two thirds of a scrape's garbage.
 */

import { parseCount, parseInteger } from './number.ts';

/** The fields of a line whose columns are padded with spaces. Tabs are not separators here. */
export function splitFields(line: string): string[] {
  const fields: string[] = [];
  // Splitting at a single space and dropping the empty pieces avoids a regular expression, which
  // is the slowest way of all where there is no JIT.
  const pieces = line.split(' ');
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index];
    if (piece !== undefined && piece !== '') fields.push(piece);
  }
  return fields;
}

/**
 * The rest of the first line that starts with `label`, trimmed; `undefined` if there is none. For
 * files of which only a few lines are wanted, this is cheaper than cutting them all.
 */
export function lineValue(text: string, label: string): string | undefined {
  const start = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1;
  if (start === 0 && !text.startsWith(label)) return undefined;
  const end = text.indexOf('\n', start);
  return text.slice(start + label.length, end === -1 ? text.length : end).trim();
}

/**
 * Reads columns by index and remembers whether one was missing or no number. A parser builds its
 * whole record and asks `broken` once, instead of checking every single column.
 */
export class Columns {
  private readonly fields: readonly string[];
  private anyBroken = false;

  constructor(fields: readonly string[]) {
    this.fields = fields;
  }

  get broken(): boolean {
    return this.anyBroken;
  }

  count(index: number): number {
    return this.checked(parseCount(this.fields[index] ?? ''));
  }

  integer(index: number): number {
    return this.checked(parseInteger(this.fields[index] ?? ''));
  }

  private checked(value: number | undefined): number {
    if (value !== undefined) return value;
    this.anyBroken = true;
    return 0;
  }
}
