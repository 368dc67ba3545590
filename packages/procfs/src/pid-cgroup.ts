/**
 * /proc/<pid>/cgroup: the control groups of a process, one line per hierarchy.
 * https://man7.org/linux/man-pages/man7/cgroups.7.html, section "/proc files".
 *
 * `0::/machine.slice/vm.scope` is the unified hierarchy (version 2);
 * `4:cpu,cpuacct:/machine/vm` is one of version 1, `1:name=systemd:/…` one without controllers.
 * A path may have colons in it, and ends in ` (deleted)` when its group is gone.
 */

import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface PidCgroup {
  /** The path in the hierarchy of version 2, where there is one. */
  readonly unified?: string;
  /** The paths in hierarchies of version 1, by controller: `memory`, `cpuacct`. */
  readonly controllers: ReadonlyMap<string, string>;
}

const SOURCE = 'pid-cgroup';

export function parsePidCgroup(text: string): Parsed<PidCgroup> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const controllers = new Map<string, string>();
  let unified: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    const path = line.slice(second + 1);
    if (second === -1 || parseCount(line.slice(0, first)) === undefined || path[0] !== '/') {
      return malformedInput(SOURCE, 'expected hierarchy, controllers and path', line);
    }
    const names = line.slice(first + 1, second);
    if (names === '') unified = path;
    else for (const name of names.split(',')) controllers.set(name, path);
  }
  return parsed(unified === undefined ? { controllers } : { unified, controllers });
}
