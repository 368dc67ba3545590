/**
 * /proc/net/stat/nf_conntrack: a line of names, then a line of hexadecimal numbers for each CPU.
 * The format is only in the source of the kernel: ct_cpu_seq_show in
 * net/netfilter/nf_conntrack_standalone.c.
 *
 * The numbers are summed over the CPUs, except `entries`: that is the size of the whole table,
 * repeated on every line.
 */

import { splitFields } from './fields.ts';
import { parseHex } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const SOURCE = 'conntrack-stat';

export function parseConntrackStat(text: string): Parsed<ReadonlyMap<string, number>> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const [heading = '', ...lines] = text.split('\n');
  const names = splitFields(heading);
  const sums = new Map<string, number>();
  for (const line of lines) {
    if (line === '') continue;
    if (!addLine(sums, names, splitFields(line))) {
      return malformedInput(SOURCE, 'expected a hexadecimal number for each name', line);
    }
  }
  return parsed(sums);
}

function addLine(
  sums: Map<string, number>,
  names: readonly string[],
  fields: readonly string[],
): boolean {
  for (const [index, name] of names.entries()) {
    const value = parseHex(fields[index] ?? '');
    if (value === undefined) return false;
    const earlier = name === 'entries' ? 0 : (sums.get(name) ?? 0);
    sums.set(name, earlier + value);
  }
  return true;
}
