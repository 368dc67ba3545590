/**
 * /proc/<pid>/limits: resource limits of a process, in columns padded with spaces.
 * https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html.
 */

import { lineValue, splitFields } from './fields.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface Limits {
  readonly maxOpenFiles?: { readonly soft: number | 'unlimited' };
}

const SOURCE = 'limits';

export function parseLimits(text: string): Parsed<Limits> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const line = lineValue(text, 'Max open files ');
  if (line === undefined) return parsed({});
  const field = splitFields(line)[0] ?? '';
  const soft = field === 'unlimited' ? field : parseCount(field);
  if (soft === undefined) return malformedInput(SOURCE, 'Max open files is no number', line);
  return parsed({ maxOpenFiles: { soft } });
}
