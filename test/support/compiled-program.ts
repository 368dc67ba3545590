/**
 * A small C program of the tests, compiled into the cache under the name that its process is to
 * have. What a test wants of /proc, such as names of threads, Node cannot give.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../scripts/run-command.ts';
import { cachedFolder, type Filled } from '../../scripts/cached-folder.ts';
import type { Obtained } from './obtained.ts';

const COMPILE_MS = 60_000;
const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-pthread', '-static'];

const compile = async (into: string, sources: readonly string[]): Promise<Filled> => {
  const args = [...FLAGS, '-o', into, ...sources.filter((path) => path.endsWith('.c'))];
  const { ok, output } = await runCommand('cc', args, { timeoutMs: COMPILE_MS });
  return ok ? { ok } : { ok, reason: `cc says: ${output.trim().split('\n')[0] ?? 'nothing'}` };
};

/** @param name of the file, and with it of the process */
export const compiledProgram = async (name: string, folder: string): Promise<Obtained> => {
  const sources = readdirSync(folder)
    .filter((file) => /\.[ch]$/u.test(file))
    .sort()
    .map((file) => join(folder, file));
  const hash = createHash('sha256').update(FLAGS.join(' '));
  for (const source of sources) hash.update(readFileSync(source));
  const version = hash.digest('hex').slice(0, 16);
  const cached = await cachedFolder(
    join('compiled', `${name}-${process.arch}-${version}`),
    async (into) => compile(join(into, name), sources),
  );
  if (cached.ok) return { ok: true, path: join(cached.folder, name), version };
  return { ...cached, install: 'apt-get install gcc libc6-dev' };
};
