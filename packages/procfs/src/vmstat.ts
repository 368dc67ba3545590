/**
 * /proc/vmstat: counters and gauges of the memory management, one `name value` a line.
 * https://man7.org/linux/man-pages/man5/proc_vmstat.5.html.
 *
 * Names come and go with every kernel, so all of them are kept.
 */

import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const SOURCE = 'vmstat';
const all = (): boolean => true;

/** Lines that are not wanted are skipped as they are: there are some 200, and few are looked at. */
export function parseVmstat(
  text: string,
  wanted: (name: string) => boolean = all,
): Parsed<ReadonlyMap<string, number>> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const counters = new Map<string, number>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const gap = line.indexOf(' ');
    const name = line.slice(0, Math.max(gap, 0));
    if (name !== '' && !wanted(name)) continue;
    const value = name === '' ? undefined : parseCount(line.slice(gap + 1));
    if (value === undefined) return malformedInput(SOURCE, 'expected a name and a number', line);
    counters.set(name, value);
  }
  return parsed(counters);
}
