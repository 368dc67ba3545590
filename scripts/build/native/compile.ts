/** Runs gcc: two files at a time, and a sentence where it is not content. */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { runCommand } from '../../run-command.ts';
import type { Filled } from '../../cached-folder.ts';

const COMPILE_MS = 5 * 60_000;

export const runGcc = async (args: readonly string[], cwd: string): Promise<Filled> => {
  const { ok, output } = await runCommand('gcc', args, {
    cwd,
    // Messages in one language; nothing of the machine's own settings in what is built.
    env: { PATH: process.env['PATH'], LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' },
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
  units: readonly Unit[],
  folder: string,
): Promise<{ ok: true; objects: string[] } | Extract<Filled, { ok: false }>> => {
  const waiting = units.values();
  const problems: string[] = [];
  const work = async (): Promise<void> => {
    for (const { source, flags } of waiting) {
      const compiled = await runGcc([...flags, '-c', source, '-o', objectName(source)], folder);
      if (!compiled.ok) problems.push(compiled.reason);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  const [reason] = problems;
  if (reason !== undefined) return { ok: false, reason };
  return { ok: true, objects: units.map(({ source }) => join(folder, objectName(source))) };
};
