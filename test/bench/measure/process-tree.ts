/** A process and all that descend from it: some agents do part of their work in children. */

import { readdirSync, readFileSync } from 'node:fs';

export interface Parentage {
  readonly pid: number;
  readonly parent: number;
}

/** Of /proc/PID/stat, which is `1234 (name) S parent …`, and the name may contain anything. */
export const parseParentage = (stat: string): Parentage => {
  const [, parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid: Number.parseInt(stat, 10), parent: Number(parent) };
};

export const descendantsOf = (root: number, all: readonly Parentage[]): number[] => {
  const children = all.filter(({ parent }) => parent === root);
  return [root, ...children.flatMap(({ pid }) => descendantsOf(pid, all))];
};

/** The process comes first. /proc/PID/task/TID/children would be shorter; not every kernel has it. */
export const readTree = (root: number): number[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      try {
        return [parseParentage(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch {
        // It has ended since the folder was listed.
        return [];
      }
    });
  return descendantsOf(root, all);
};
