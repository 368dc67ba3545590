/** Runs gcc: two files at a time, and a sentence where it is not content. */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { runCommand } from '../../run-command.ts';
import type { Filled } from '../../cached-folder.ts';
import { compilerEnvironment, type Compiler } from './target.ts';

const COMPILE_MS = 5 * 60_000;

export const runGcc = async (
  compiler: Compiler,
  args: readonly string[],
  cwd: string,
): Promise<Filled> => {
  const env = compilerEnvironment(compiler);
  const { ok, output } = await runCommand(compiler.command, args, {
    cwd,
    env,
    timeoutMs: COMPILE_MS,
  });
  if (ok) return { ok };
  const said = output.split('\n').filter((line) => /error|undefined|cannot/u.test(line));
  return { ok, reason: `gcc says: ${said.slice(0, 5).join('\n') || output.slice(0, 1000)}` };
};

export interface Unit {
  readonly source: string;
  readonly flags: readonly string[];
}

const objectName = (source: string): string => `${basename(source, '.c')}.o`;

/** Objects in the folder, in the order of the units, each named after its source. */
export const compileUnits = async (
  compiler: Compiler,
  units: readonly Unit[],
  folder: string,
): Promise<{ ok: true; objects: string[] } | Extract<Filled, { ok: false }>> => {
  const waiting = units.values();
  const problems: string[] = [];
  const work = async (): Promise<void> => {
    for (const { source, flags } of waiting) {
      const args = [...flags, '-c', source, '-o', objectName(source)];
      const compiled = await runGcc(compiler, args, folder);
      if (!compiled.ok) problems.push(compiled.reason);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  const [reason] = problems;
  if (reason !== undefined) return { ok: false, reason };
  return { ok: true, objects: units.map(({ source }) => join(folder, objectName(source))) };
};
