/** Empties the buffer of samples, batch after batch, and counts what becomes of the rows. */
import type { Clock } from '../clock.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import type { WriteSamples } from './sample-writer.ts';
import type { WriteState } from './write-state.ts';

/** Moments come from our own clock: later ones are from before it was set back. */
const MAX_AHEAD_MS = 600_000;

export interface SampleCounts {
  readonly written: number;
  /** Were there already, from a write whose answer got lost. */
  readonly repeated: number;
  readonly tooOld: number;
  readonly inFuture: number;
  readonly refused: number;
  readonly batches: number;
  readonly lastBatchRows: number;
  readonly batchSeconds: number;
}

export interface SampleFlush {
  /** What is there now. Rejects where Postgres does not take it; the rows stay then. */
  flush(): Promise<void>;
  readonly counts: SampleCounts;
}

export const makeSampleFlush = ({
  samples,
  writeSamples,
  state,
  clock,
  keepRawMs,
  maxBatchRows,
}: {
  readonly samples: ColumnBuffer;
  readonly writeSamples: WriteSamples;
  readonly state: Pick<WriteState, 'isRefusal' | 'refused'>;
  readonly clock: Clock;
  readonly keepRawMs: number;
  readonly maxBatchRows: number;
}): SampleFlush => {
  const counts = {
    written: 0,
    repeated: 0,
    tooOld: 0,
    inFuture: 0,
    refused: 0,
    batches: 0,
    lastBatchRows: 0,
    batchSeconds: 0,
  };

  const flushBatch = async (maxRows: number): Promise<number> => {
    const now = clock.now();
    const startedMs = clock.monotonicMs();
    const batch = samples.take(maxRows, now - keepRawMs, now + MAX_AHEAD_MS);
    let isDone = false;
    try {
      const { written, refused, firstError } = await writeSamples(batch, state.isRefusal);
      isDone = true;
      counts.written += written;
      counts.refused += refused;
      counts.repeated += batch.rows - written - refused;
      counts.tooOld += batch.tooOld;
      counts.inFuture += batch.inFuture;
      if (refused > 0) state.refused('samples', refused, firstError);
    } finally {
      samples.settle(isDone);
    }
    counts.batches++;
    counts.lastBatchRows = batch.rows;
    counts.batchSeconds += (clock.monotonicMs() - startedMs) / 1000;
    return batch.rows + batch.tooOld + batch.inFuture;
  };

  return {
    counts,
    flush: async () => {
      let left = samples.rows;
      while (left > 0 && samples.rows > 0) {
        left -= await flushBatch(Math.min(left, maxBatchRows));
      }
    },
  };
};
