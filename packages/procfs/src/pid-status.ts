/**
 * /proc/<pid>/status: a process in words.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html, table "Contents of the status
 * fields", and proc_pid_status(5).
 *
 * Kernel threads have no memory of their own and therefore no Vm lines. A name cannot forge a line,
 * since the kernel escapes newlines in it.
 */

import { lineValue } from './fields.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface PidStatus {
  /** As printed: a newline is written as `\n` and a backslash as `\\`. */
  readonly name: string;
  /** The effective ids, as in the user column of ps and top. */
  readonly uid?: number;
  readonly gid?: number;
  readonly vmRssBytes?: number;
  readonly vmSwapBytes?: number;
  readonly threads?: number;
}

type NumberName = Exclude<keyof PidStatus, 'name'>;

const SOURCE = 'pid-status';
const BYTES_PER_KB = 1024;
const LINES: readonly (readonly [NumberName, string, (value: string) => number | undefined])[] = [
  ['uid', 'Uid:', effectiveId],
  ['gid', 'Gid:', effectiveId],
  ['vmRssBytes', 'VmRSS:', kilobytes],
  ['vmSwapBytes', 'VmSwap:', kilobytes],
  ['threads', 'Threads:', parseCount],
];

export function parsePidStatus(text: string): Parsed<PidStatus> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const name = lineValue(text, 'Name:');
  if (name === undefined) return malformedInput(SOURCE, 'there is no Name', text);
  const numbers: Partial<Record<NumberName, number>> = {};
  for (const [key, label, parse] of LINES) {
    const value = lineValue(text, label);
    if (value === undefined) continue;
    const number = parse(value);
    if (number === undefined) return malformedInput(SOURCE, `${label} is no number`, value);
    numbers[key] = number;
  }
  return parsed({ name, ...numbers });
}

/** Real, effective, saved and file system id, separated by tabs. */
function effectiveId(value: string): number | undefined {
  return parseCount(value.split('\t')[1] ?? '');
}

function kilobytes(value: string): number | undefined {
  if (!value.endsWith(' kB')) return undefined;
  const count = parseCount(value.slice(0, -3));
  return count === undefined ? undefined : count * BYTES_PER_KB;
}
