/** Writes the last that is known of each VM, and what happened to them. */
import type { Queryable } from '../database/database.ts';
import type { EventBuffer } from './event-buffer.ts';
import { insertIsolating } from './isolate.ts';
import type { LatestBuffer } from './latest-buffer.ts';
import { insertVmEvents } from './sql/insert-vm-events.ts';
import { upsertVmLatest } from './sql/upsert-vm-latest.ts';
import type { WriteState } from './write-state.ts';

const BATCH_ROWS = 2_000;

/** Rejects where Postgres does not take it; it is in the buffer again then. */
const flushLatest = async (
  database: Queryable,
  latest: LatestBuffer,
  state: Pick<WriteState, 'isRefusal' | 'refused'>,
): Promise<{ refused: number }> => {
  const changed = latest.take();
  let refused = 0;
  for (let from = 0; from < changed.length; from += BATCH_ROWS) {
    const batch = changed.slice(from, from + BATCH_ROWS);
    try {
      const isolated = await insertIsolating(
        batch.length,
        (first, end) => upsertVmLatest(database, batch.slice(first, end)),
        state.isRefusal,
      );
      refused += isolated.refused;
      if (isolated.refused > 0) state.refused('vm_latest', isolated.refused, isolated.firstError);
    } catch (error) {
      latest.putBack(changed.slice(from));
      throw error;
    }
  }
  return { refused };
};

/** One batch; the same holds for it. */
const flushEventBatch = async (
  database: Queryable,
  events: EventBuffer,
  state: Pick<WriteState, 'isRefusal' | 'refused'>,
): Promise<{ written: number; refused: number }> => {
  const batch = events.take(BATCH_ROWS);
  try {
    const { written, refused, firstError } = await insertIsolating(
      batch.length,
      (first, end) => insertVmEvents(database, batch.slice(first, end)),
      state.isRefusal,
    );
    if (refused > 0) state.refused('vm_event', refused, firstError);
    return { written, refused };
  } catch (error) {
    events.putBack(batch);
    throw error;
  }
};

export interface OthersFlush {
  /** What is there now. Rejects where Postgres does not take it. */
  flush(): Promise<void>;
  readonly counts: {
    readonly events: number;
    readonly eventsRefused: number;
    readonly latestRefused: number;
  };
}

export const makeOthersFlush = ({
  database,
  latest,
  events,
  state,
}: {
  readonly database: Queryable;
  readonly latest: LatestBuffer;
  readonly events: EventBuffer;
  readonly state: Pick<WriteState, 'isRefusal' | 'refused'>;
}): OthersFlush => {
  const counts = { events: 0, eventsRefused: 0, latestRefused: 0 };
  return {
    counts,
    flush: async () => {
      counts.latestRefused += (await flushLatest(database, latest, state)).refused;
      while (events.size > 0) {
        const { written, refused } = await flushEventBatch(database, events, state);
        counts.events += written;
        counts.eventsRefused += refused;
      }
    },
  };
};
