/**
 * /proc/pressure/{cpu,memory,io,irq} and the *.pressure files of cgroups: the share of time in
 * which tasks waited for a resource.
 * https://www.kernel.org/doc/html/latest/accounting/psi.html.
 *
 * `some` means at least one task waited, `full` that all did. The irq file has only `full`, and the
 * cpu file had only `some` before Linux 5.13.
 */

import { splitFields } from './fields.ts';
import { parseCount, parseDecimal } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface Pressure {
  readonly some?: PressureStall;
  readonly full?: PressureStall;
}

export interface PressureStall {
  /** Percent of the last 10, 60 and 300 seconds. */
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalSeconds: number;
}

const SOURCE = 'pressure';
const MICROSECONDS = 1e6;

export function parsePressure(text: string): Parsed<Pressure> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const stalls: { some?: PressureStall; full?: PressureStall } = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const [kind, ...pairs] = splitFields(line);
    if (kind !== 'some' && kind !== 'full') continue;
    const stall = parseStall(pairs);
    if (stall === undefined) return malformedInput(SOURCE, 'expected averages and a total', line);
    stalls[kind] = stall;
  }
  if (stalls.some === undefined && stalls.full === undefined) {
    return malformedInput(SOURCE, 'there is neither some nor full', text);
  }
  return parsed(stalls);
}

function parseStall(pairs: readonly string[]): PressureStall | undefined {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals > 0) values.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  const avg10 = parseDecimal(values.get('avg10') ?? '');
  const avg60 = parseDecimal(values.get('avg60') ?? '');
  const avg300 = parseDecimal(values.get('avg300') ?? '');
  const total = parseCount(values.get('total') ?? '');
  if (avg10 === undefined || avg60 === undefined) return undefined;
  if (avg300 === undefined || total === undefined) return undefined;
  return { avg10, avg60, avg300, totalSeconds: total / MICROSECONDS };
}
