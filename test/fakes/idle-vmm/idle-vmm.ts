/** Processes that look like virtual machine monitors: the program beside this file under any name. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledProgram } from '../../support/compiled-program.ts';
import type { Obtained } from '../../support/obtained.ts';

export const obtainIdleVmm = async (): Promise<Obtained> =>
  compiledProgram('idle-vmm', import.meta.dirname);

/** @returns where the copy is that processes of this name are started from */
export const copyIdleVmm = (path: string, folder: string, executable: string): string => {
  const copy = join(folder, executable);
  copyFileSync(path, copy);
  return copy;
};

export interface IdleVmmOptions {
  readonly path: string;
  readonly args?: readonly string[];
  readonly argv0?: string;
  readonly vcpus?: number;
  readonly residentMib?: number;
}

export interface IdleVmm {
  readonly pid: number;
  kill(): Promise<void>;
}

export const startIdleVmm = async (options: IdleVmmOptions): Promise<IdleVmm> => {
  const { path, args = [], argv0 = path, vcpus = 2, residentMib = 4 } = options;
  const child = spawn(path, args, {
    argv0,
    env: {
      IDLE_VMM_VCPUS: String(vcpus),
      IDLE_VMM_RESIDENT_MIB: String(residentMib),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'close');
  const outcome = await Promise.race([once(child.stdout, 'data').then(() => 'ready'), exited]);
  if (outcome !== 'ready' || child.pid === undefined) throw new Error(`${path} did not start`);
  return {
    pid: child.pid,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};
