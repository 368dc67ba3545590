/** Several files read as one, in the order of sd-journal. */
import { compareEntries, type EntryPlace, type JournalEntry } from '@innkeeper/journal';
import type { Direction, Lane } from './lane.ts';

export interface Merged {
  readonly entry: JournalEntry;
  readonly lane: Lane;
}

export interface MergedLanes {
  /** Steps over what it gives. Undefined: there is no more, for now. */
  next(): Merged | undefined;
  add(lane: Lane): void;
  /** Files have grown. */
  reconsider(): void;
  readonly lanes: readonly Lane[];
}

export const makeMergedLanes = (direction: Direction): MergedLanes => {
  const sign = direction === 'forwards' ? 1 : -1;
  const lanes: Lane[] = [];
  let best: Lane | undefined;
  /** Where the best of the others stands. They do not move while another one is read. */
  let runnerUp: EntryPlace | undefined;
  let last: JournalEntry | undefined;

  const choose = (): void => {
    best = undefined;
    runnerUp = undefined;
    let bestPlace: EntryPlace | undefined;
    for (let at = 0; at < lanes.length; at += 1) {
      const lane = lanes[at];
      const place = lane?.place();
      if (lane === undefined || place === undefined) continue;
      if (bestPlace === undefined || sign * compareEntries(place, bestPlace) < 0) {
        runnerUp = bestPlace;
        bestPlace = place;
        best = lane;
      } else if (runnerUp === undefined || sign * compareEntries(place, runnerUp) < 0) {
        runnerUp = place;
      }
    }
  };

  /** The entry of the best lane, once that is one and not what a header has promised. */
  const settle = (): JournalEntry | undefined => {
    for (let tries = 0; tries <= 2 * lanes.length; tries += 1) {
      const entry = best?.entry();
      if (entry !== undefined) {
        if (runnerUp === undefined || sign * compareEntries(entry, runnerUp) <= 0) return entry;
      }
      choose();
      if (best === undefined) return undefined;
    }
    // Orders of several journalds and clocks may go in a circle; then any of them is right.
    return best?.entry();
  };

  return {
    lanes,
    add: (lane) => {
      lanes.push(lane);
      best = undefined;
    },
    reconsider: () => {
      best = undefined;
    },
    next: () => {
      for (;;) {
        const entry = settle();
        if (entry === undefined || best === undefined) return undefined;
        const lane = best;
        lane.step();
        const isDouble = last !== undefined && compareEntries(last, entry) === 0;
        last = entry;
        if (!isDouble) return { entry, lane };
      }
    },
  };
};
