/**
 * /proc/uptime: seconds since boot, and the idle seconds summed over all CPUs.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html and proc_uptime(5).
 */

import { splitFields } from './fields.ts';
import { parseDecimal } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface Uptime {
  readonly uptimeSeconds: number;
  /** Larger than the uptime on a machine with several CPUs. */
  readonly idleSeconds?: number;
}

const SOURCE = 'uptime';

export function parseUptime(text: string): Parsed<Uptime> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const [uptime = '', idle] = splitFields(text.trim());
  const uptimeSeconds = parseDecimal(uptime);
  if (uptimeSeconds === undefined) return malformedInput(SOURCE, 'expected seconds', text);
  if (idle === undefined) return parsed({ uptimeSeconds });
  const idleSeconds = parseDecimal(idle);
  if (idleSeconds === undefined) return malformedInput(SOURCE, 'expected idle seconds', text);
  return parsed({ uptimeSeconds, idleSeconds });
}
