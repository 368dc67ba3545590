/** Where in a stream a viewer begins that may have seen a part of it already. */
import type { LogPosition } from '@innkeeper/protocol';
import type { HubStream } from './log-hub.ts';

export interface Beginning {
  /** It wants what comes after this number. */
  readonly seq: number;
  /** What it has seen does not belong to what it gets. */
  readonly isFresh: boolean;
}

const HISTORY_LINES = 1_000;
/** How long the line after which it wants to go on may take to come again. */
const FIND_MS = 2_000;

/** Undefined: nobody knows yet, ask again soon. */
export const placeToBegin = (
  stream: HubStream,
  after: LogPosition | undefined,
  now: number,
): Beginning | undefined => {
  const newest = stream.newest();
  if (after?.epoch === stream.epoch) return { seq: Math.min(after.seq, newest), isFresh: false };
  if (after?.cursor !== undefined) {
    const seq = stream.find(after.cursor);
    if (seq !== undefined) return { seq, isFresh: false };
    const { state, since } = stream.state();
    const isLive = state === 'live';
    // The last lines are still coming.
    if (isLive && now - since < FIND_MS) return undefined;
    // While there is nothing instead, what the viewer has already is better than that.
    if (!isLive && newest === 0) return undefined;
  }
  return { seq: Math.max(stream.oldest() - 1, newest - HISTORY_LINES), isFresh: true };
};
