/**
 * /proc/loadavg: `0.00 0.01 0.05 1/123 4567`.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html and proc_loadavg(5).
 */

import { splitFields } from './fields.ts';
import { parseCount, parseDecimal } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface Loadavg {
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  /** Tasks that are running or ready to run right now. */
  readonly running?: number;
  /** All tasks, threads included. */
  readonly total?: number;
}

const SOURCE = 'loadavg';

export function parseLoadavg(text: string): Parsed<Loadavg> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const [first = '', second = '', third = '', tasks] = splitFields(text.trim());
  const load1 = parseDecimal(first);
  const load5 = parseDecimal(second);
  const load15 = parseDecimal(third);
  if (load1 === undefined || load5 === undefined || load15 === undefined) {
    return malformedInput(SOURCE, 'expected three load averages', text);
  }
  if (tasks === undefined) return parsed({ load1, load5, load15 });
  const slash = tasks.indexOf('/');
  const running = parseCount(tasks.slice(0, Math.max(slash, 0)));
  const total = parseCount(tasks.slice(slash + 1));
  if (running === undefined || total === undefined) {
    return malformedInput(SOURCE, 'expected running/total', tasks);
  }
  return parsed({ load1, load5, load15, running, total });
}
