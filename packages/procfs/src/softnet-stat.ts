/**
 * /proc/net/softnet_stat: how each CPU copes with received packets. All columns are hexadecimal.
 * The format is only in the source of the kernel: softnet_seq_show in net/core/net-procfs.c.
 *
 * There is one line for each online CPU. Since Linux 5.10 the 13th column is its number; before
 * that only the order is known, which is wrong if a CPU in the middle is offline.
 */

import { splitFields } from './fields.ts';
import { parseHex } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface SoftnetStat {
  readonly cpu: number;
  readonly processed: number;
  readonly dropped: number;
  /** How often the CPU ran out of its budget with packets left to process. */
  readonly timesSqueezed: number;
}

const SOURCE = 'softnet-stat';
const CPU_AT = 12;

export function parseSoftnetStat(text: string): Parsed<readonly SoftnetStat[]> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const stats: SoftnetStat[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const stat = parseLine(line, stats.length);
    if (stat === undefined) return malformedInput(SOURCE, 'expected hexadecimal columns', line);
    stats.push(stat);
  }
  return parsed(stats);
}

function parseLine(line: string, lineIndex: number): SoftnetStat | undefined {
  const fields = splitFields(line);
  const processed = parseHex(fields[0] ?? '');
  const dropped = parseHex(fields[1] ?? '');
  const timesSqueezed = parseHex(fields[2] ?? '');
  const cpuField = fields[CPU_AT];
  const cpu = cpuField === undefined ? lineIndex : parseHex(cpuField);
  if (processed === undefined || dropped === undefined) return undefined;
  if (timesSqueezed === undefined || cpu === undefined) return undefined;
  return { cpu, processed, dropped, timesSqueezed };
}
