/** The stored output of an execution, piece by piece: never more of it in memory than one piece. */
import type { Queryable } from '../database/database.ts';
import { getExecutionOutput, type OutputChunk } from './sql/get-execution-output.ts';

const MAX_EVENTS = 2_000;
const MAX_BYTES = 1024 * 1024;

export async function* readOutput(
  database: Queryable,
  executionKey: number,
  afterSeq = 0,
): AsyncGenerator<readonly OutputChunk[]> {
  let after = afterSeq;
  for (;;) {
    const chunks = await getExecutionOutput(database, {
      executionKey,
      after,
      maxEvents: MAX_EVENTS,
      maxBytes: MAX_BYTES,
    });
    const last = chunks.at(-1);
    if (last === undefined) return;
    after = last.seq;
    yield chunks;
  }
}
