/** A process group: a program with all that it has started and that has not made a group of its own. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** @returns false where nothing of the group is left; signal 0 only asks. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * The group's processes by command line. Those that have ended and that nobody has asked about
 * (state Z) do not count: in a container the first process often never asks.
 */
function listGroup(leader: number): string[] {
  if (!existsSync('/proc/self/stat')) return signalGroup(leader, 0) ? ['(unknown)'] : [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // 1234 (name) state parent group …, and the name may contain anything.
        const nameEnd = stat.lastIndexOf(')');
        const [state, , group] = stat.slice(nameEnd + 2).split(' ');
        if (Number(group) !== leader || state === 'Z') return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [command === '' ? stat.slice(0, nameEnd + 1) : command];
      } catch {
        return [];
      }
    });
}

/**
 * Waits for the group to be gone, and ends what is still there after that.
 *
 * @returns what had to be ended
 */
export async function endGroup(leader: number, graceMs: number): Promise<string[]> {
  for (let waited = 0; waited < graceMs; waited += 50) {
    if (listGroup(leader).length === 0) return [];
    await sleep(50);
  }
  const left = listGroup(leader);
  signalGroup(leader, 'SIGKILL');
  return left;
}
