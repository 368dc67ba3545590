/** Says whose agent counts as lost, and has its last lines kept. */
import type { Recording } from './recording.ts';

export interface LastWordsLimits {
  /** An agent that is updated or a network that blinks is back by then. */
  readonly lostMs: number;
  /** Where most are lost at once, it is rather the manager's own network. */
  readonly massLostMs: number;
}

export const LAST_WORDS_LIMITS: LastWordsLimits = { lostMs: 10_000, massLostMs: 120_000 };

/** Fewer at once are no sign of anything. */
const MASS_LEAST = 8;
/** The last words of one VM in the buffer of what waits to be written. */
const ROOM_FOR_WORDS = 2 * 1024 * 1024;

type Watched = Pick<Recording, 'lostMs' | 'state' | 'hasLastWords' | 'keepLastWords'>;

/** Where there is no room for them yet, they wait for the next time. */
export const keepWordsOfLost = (
  recordings: Iterable<Watched>,
  {
    nowMs,
    limits,
    freeBytes,
  }: {
    readonly nowMs: number;
    readonly limits: LastWordsLimits;
    readonly freeBytes: () => number;
  },
): void => {
  const lost: { readonly recording: Watched; readonly forMs: number }[] = [];
  let live = 0;
  for (const recording of recordings) {
    const { lostMs } = recording;
    if (lostMs !== undefined) lost.push({ recording, forMs: nowMs - lostMs });
    else if (recording.state === 'live') live += 1;
  }
  // Those that have been off for long say nothing about the network.
  const recent = lost.filter(({ forMs }) => forMs <= limits.massLostMs).length;
  const isMass = recent >= MASS_LEAST && recent > live;
  const afterMs = isMass ? limits.massLostMs : limits.lostMs;
  for (const { recording, forMs } of lost) {
    if (forMs < afterMs || !recording.hasLastWords) continue;
    if (freeBytes() < ROOM_FOR_WORDS) return;
    recording.keepLastWords();
  }
};
