/**
 * /proc/meminfo: how the memory is used.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#meminfo and proc_meminfo(5).
 *
 * The lines differ between kernels and architectures, so all of them are kept generically. The
 * `kB` of the kernel means 1024 bytes. A few lines (HugePages_Total, …) are counts without a unit.
 */

import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface Meminfo {
  readonly memTotalBytes: number;
  readonly memFreeBytes: number;
  /**
   * All lines in the order of the file, MemTotal and MemFree included: bytes where the kernel says
   * kB, else a plain count. Names are as node_exporter has them: `Active(anon)` is `Active_anon`.
   */
  readonly fields: ReadonlyMap<string, number>;
  /** The names in `fields` whose value is a plain count and not bytes. */
  readonly counts: ReadonlySet<string>;
}

const SOURCE = 'meminfo';
const BYTES_PER_KB = 1024;

export function parseMeminfo(text: string): Parsed<Meminfo> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const fields = new Map<string, number>();
  const counts = new Set<string>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = metricName(line.slice(0, colon));
    const rest = line.slice(colon + 1).trim();
    const gap = rest.indexOf(' ');
    const value = parseCount(gap === -1 ? rest : rest.slice(0, gap));
    if (value === undefined) return malformedInput(SOURCE, 'expected a number', line);
    if (gap === -1) {
      fields.set(name, value);
      counts.add(name);
    } else if (rest.endsWith(' kB') && gap === rest.length - 3) {
      fields.set(name, value * BYTES_PER_KB);
    }
    // No kernel prints another unit. If one ever does, its value must not be taken for bytes.
  }
  return withTotals(fields, counts);
}

function withTotals(fields: Map<string, number>, counts: Set<string>): Parsed<Meminfo> {
  const memTotalBytes = counts.has('MemTotal') ? undefined : fields.get('MemTotal');
  const memFreeBytes = counts.has('MemFree') ? undefined : fields.get('MemFree');
  if (memTotalBytes === undefined) return malformedInput(SOURCE, 'there is no MemTotal in kB');
  if (memFreeBytes === undefined) return malformedInput(SOURCE, 'there is no MemFree in kB');
  return parsed({ memTotalBytes, memFreeBytes, fields, counts });
}

function metricName(label: string): string {
  const open = label.indexOf('(');
  if (open === -1 || !label.endsWith(')')) return label;
  return `${label.slice(0, open)}_${label.slice(open + 1, -1)}`;
}
