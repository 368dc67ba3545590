/** A control group that has only so much memory, as `MemoryMax=` of a unit makes one, for what a test starts. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryLimit {
  /** Put before a command: it and all that it starts is in the group. */
  readonly launcher: readonly string[];
  /** Times that the kernel has killed something in it for its memory. */
  kills(): number;
  /** When everything in it has ended. */
  remove(): void;
}

export type LimitedMemory =
  | { readonly ok: true; readonly limit: MemoryLimit }
  | { readonly ok: false; readonly reason: string };

interface Files {
  readonly folder: string;
  readonly limit: string;
  /** Has a line `oom_kill N`. */
  readonly events: string;
  /** So that swap does not take what is too much. */
  readonly swap: string;
}

/** Version 2 has one hierarchy, version 1 one for memory; cgroups(7). */
const findFiles = (): Files | undefined => {
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const name = `innkeeper-test-${process.pid}`;
  const [, first = ''] = /^\d+:memory:(.*)$/mu.exec(own) ?? [];
  if (first !== '' && existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes')) {
    const inside = join('/sys/fs/cgroup/memory', first);
    // In a container the path is that outside of it.
    const parent = existsSync(inside) ? inside : '/sys/fs/cgroup/memory';
    return {
      folder: join(parent, name),
      limit: 'memory.limit_in_bytes',
      events: 'memory.oom_control',
      swap: 'memory.memsw.limit_in_bytes',
    };
  }
  // A group with processes of its own has no limited groups below it, so it stands at the top.
  if (!existsSync('/sys/fs/cgroup/cgroup.subtree_control')) return undefined;
  return {
    folder: join('/sys/fs/cgroup', name),
    limit: 'memory.max',
    events: 'memory.events',
    swap: 'memory.swap.max',
  };
};

export const limitMemory = (bytes: number): LimitedMemory => {
  const files = findFiles();
  if (files === undefined) return { ok: false, reason: 'there are no control groups for memory' };
  const { folder } = files;
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, files.limit), String(bytes));
    const swap = join(folder, files.swap);
    if (existsSync(swap)) writeFileSync(swap, files.swap.endsWith('.max') ? '0' : String(bytes));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (existsSync(folder)) rmdirSync(folder);
    return { ok: false, reason: `no control group with a limit can be made: ${message}` };
  }
  const launcher = ['sh', '-euc', `echo $$ > '${folder}/cgroup.procs'\nexec "$@"`, 'sh'];
  const [file = '', ...args] = launcher;
  const trial = spawnSync(file, [...args, 'true'], { encoding: 'utf8', timeout: 10_000 });
  if (trial.status !== 0) {
    rmdirSync(folder);
    return { ok: false, reason: `nothing can be put into a control group: ${trial.stderr.trim()}` };
  }
  return {
    ok: true,
    limit: {
      launcher,
      kills: () => {
        const events = readFileSync(join(folder, files.events), 'utf8');
        return Number(/^oom_kill (\d+)$/mu.exec(events)?.[1] ?? 0);
      },
      remove: () => rmdirSync(folder),
    },
  };
};
