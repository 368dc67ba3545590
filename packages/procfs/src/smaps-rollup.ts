/**
 * /proc/<pid>/smaps_rollup: the memory of a process, with what it shares divided among the sharers.
 * https://docs.kernel.org/filesystems/proc.html, section "/proc/<pid>/smaps_rollup"; Linux 4.14.
 *
 * The kernel walks every page table of the process for it and holds its memory map meanwhile.
 */

import { lineValue } from './fields.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface SmapsRollup {
  readonly pssBytes: number;
}

const SOURCE = 'smaps-rollup';
const BYTES_PER_KB = 1024;

export function parseSmapsRollup(text: string): Parsed<SmapsRollup> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const line = lineValue(text, 'Pss:');
  const kilobytes = line?.endsWith(' kB') === true ? parseCount(line.slice(0, -3)) : undefined;
  if (kilobytes === undefined) return malformedInput(SOURCE, 'expected Pss in kB', text);
  return parsed({ pssBytes: kilobytes * BYTES_PER_KB });
}
