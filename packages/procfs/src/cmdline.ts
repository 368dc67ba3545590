/**
 * /proc/<pid>/cmdline: the arguments of a process, each ended by a NUL.
 * https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html.
 *
 * Empty for kernel threads and zombies. A process may write anything over its arguments, so the
 * last one may lack its NUL, and nothing in the list has to be what the process was started with.
 */

import { parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export function parseCmdline(text: string): Parsed<readonly string[]> {
  if (text === '') return parsed([]);
  return parsed((text.endsWith('\0') ? text.slice(0, -1) : text).split('\0'));
}
