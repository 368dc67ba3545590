/**
 * cpu.stat of a control group, version 2: the CPU time of all processes in it and below.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, section "CPU Interface Files". The lines used
 * here are there for every group but the root, with or without the cpu controller.
 */

import { lineValue } from './fields.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface CgroupCpuStat {
  readonly usageSeconds: number;
}

const SOURCE = 'cgroup-cpu-stat';
const MICROSECONDS = 1_000_000;

export function parseCgroupCpuStat(text: string): Parsed<CgroupCpuStat> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const usage = parseCount(lineValue(text, 'usage_usec ') ?? '');
  if (usage === undefined) return malformedInput(SOURCE, 'expected usage_usec', text);
  return parsed({ usageSeconds: usage / MICROSECONDS });
}
