/**
 * The many files under /proc/sys and /sys that hold one number and a newline.
 * https://www.kernel.org/doc/html/latest/admin-guide/sysctl/index.html.
 */

import { parseCount, parseInteger } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

/** For counts and limits. `source` is what an error names, since the text does not tell. */
export function parseSingleNumber(text: string, source: string): Parsed<number> {
  if (isBlank(text)) return emptyInput(source);
  const value = parseCount(text.trim());
  return value === undefined ? malformedInput(source, 'expected one number', text) : parsed(value);
}

/** For files that may be negative, as /sys/class/net/<name>/speed is (-1) while the link is down. */
export function parseSingleInteger(text: string, source: string): Parsed<number> {
  if (isBlank(text)) return emptyInput(source);
  const value = parseInteger(text.trim());
  return value === undefined ? malformedInput(source, 'expected one integer', text) : parsed(value);
}
