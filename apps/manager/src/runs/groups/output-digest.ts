/** What an output says, as 32 bytes: each stream for itself, since how they mix is chance. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../../database/database.ts';
import { makeOutputLines, type OutputLine } from '../output-lines.ts';
import { readOutput } from '../read-output.ts';
import { withoutTimes } from './without-times.ts';

export const digestOutput = async (
  database: Queryable,
  executionKey: number,
  maxBytes: number,
): Promise<Buffer> => {
  const hashes = { stdout: createHash('sha256'), stderr: createHash('sha256') };
  const lines = makeOutputLines();
  const add = (all: readonly OutputLine[]): void => {
    for (const { stream, text } of all) hashes[stream].update(`${withoutTimes(text)}\n`);
  };
  let bytes = 0;
  for await (const chunks of readOutput(database, executionKey)) {
    for (const chunk of chunks) add(lines.push(chunk));
    for (const { data } of chunks) bytes += data.length;
    if (bytes > maxBytes) break;
  }
  add(lines.end());
  return createHash('sha256')
    .update(hashes.stdout.digest())
    .update(hashes.stderr.digest())
    .digest();
};
