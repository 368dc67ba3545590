/**
 * /proc/stat: CPU times and counters of the whole system.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html, section "Miscellaneous kernel
 * statistics in /proc/stat", and proc_stat(5).
 *
 * `intr` and `softirq` are a total followed by one number for each interrupt, thousands of them on
 * a large machine. Only the total is read, and the rest of such a line is never cut up.
 */

import { parseCpuTimes } from './cpu-times.ts';
import type { CpuTimes } from './cpu-times.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface CoreTimes {
  /** The number in `cpu3`. Offline CPUs have no line, so this is not an index. */
  readonly cpu: number;
  readonly times: CpuTimes;
}

export interface Stat {
  readonly cpu: CpuTimes;
  readonly cores: readonly CoreTimes[];
  readonly interrupts?: number;
  readonly contextSwitches?: number;
  readonly bootTimeSeconds?: number;
  readonly forks?: number;
  readonly procsRunning?: number;
  readonly procsBlocked?: number;
  readonly softirqs?: number;
}

type TotalName = Exclude<keyof Stat, 'cpu' | 'cores'>;

const SOURCE = 'stat';
const TOTAL_NAMES: ReadonlyMap<string, TotalName> = new Map([
  ['intr', 'interrupts'],
  ['ctxt', 'contextSwitches'],
  ['btime', 'bootTimeSeconds'],
  ['processes', 'forks'],
  ['procs_running', 'procsRunning'],
  ['procs_blocked', 'procsBlocked'],
  ['softirq', 'softirqs'],
]);

export function parseStat(text: string): Parsed<Stat> {
  if (isBlank(text)) return emptyInput(SOURCE);
  let cpu: CpuTimes | undefined;
  const cores: CoreTimes[] = [];
  const totals: Partial<Record<TotalName, number>> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const gap = line.indexOf(' ');
    const label = gap === -1 ? line : line.slice(0, gap);
    const totalName = TOTAL_NAMES.get(label);
    if (totalName !== undefined) {
      const total = firstNumber(line, gap);
      if (total === undefined) return malformedInput(SOURCE, 'expected a number', line);
      totals[totalName] = total;
    } else if (label === 'cpu') {
      cpu = parseCpuTimes(line.slice(label.length));
      if (cpu === undefined) return malformedInput(SOURCE, 'expected CPU times', line);
    } else if (isCoreLabel(label)) {
      const core = parseCore(label, line);
      if (core === undefined) return malformedInput(SOURCE, 'expected CPU times', line);
      cores.push(core);
    }
  }
  if (cpu === undefined) return malformedInput(SOURCE, 'there is no cpu line');
  return parsed({ cpu, cores, ...totals });
}

/** Only the total over all CPUs, which is always the first line. */
export function parseCpuTotal(text: string): Parsed<CpuTimes> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const end = text.indexOf('\n');
  const line = end === -1 ? text : text.slice(0, end);
  const times = line.startsWith('cpu ') ? parseCpuTimes(line.slice(4)) : undefined;
  if (times === undefined) return malformedInput(SOURCE, 'expected the total CPU times', line);
  return parsed(times);
}

function firstNumber(line: string, gap: number): number | undefined {
  if (gap === -1) return undefined;
  const end = line.indexOf(' ', gap + 1);
  return parseCount(line.slice(gap + 1, end === -1 ? line.length : end));
}

/** `cpu` and a digit. Other labels with this beginning are left to future kernels. */
function isCoreLabel(label: string): boolean {
  const code = label.charCodeAt(3);
  return code >= 48 && code <= 57 && label.startsWith('cpu');
}

function parseCore(label: string, line: string): CoreTimes | undefined {
  const cpu = parseCount(label.slice(3));
  const times = parseCpuTimes(line.slice(label.length));
  return cpu === undefined || times === undefined ? undefined : { cpu, times };
}
