/**
 * The trails of the fleet: each frame adds a point every two seconds, and what the manager remembers
 * of the minutes before is put in front of them, whichever of the two comes first.
 */
import type { FleetRecent } from '@innkeeper/protocol';
import type { FleetEntries } from './fleet-entries.ts';
import { fillTrails } from './fleet-recent.ts';
import type { Totals } from './fleet-totals.ts';
import { makeTrail, type Trail } from './trail.ts';

export interface FleetTrails {
  readonly totals: { readonly cpu: Trail; readonly memory: Trail; readonly network: Trail };
  /** Subscribed anew: what is remembered waits until a frame has said who is there. */
  awaitFrame(): void;
  /** After the frame's rows. Set back: the trails are empty now, and are to be filled again. */
  applyFrame(at: number): 'clock_set_back' | 'added' | 'nothing_new';
  /** False: it waits for the next frame. */
  applyRecent(recent: FleetRecent): boolean;
}

const STEP_MS = 2_000;
/** Frames may be lost: for so many steps what is known now stands for what was. */
const MOST_BRIDGED = 3;
/** What is remembered may lie a step ahead: both sides round. */
const AHEAD = 1;

export const makeFleetTrails = ({
  entries,
  totals: sum,
  points,
}: {
  readonly entries: FleetEntries;
  readonly totals: () => Totals;
  readonly points: number;
}): FleetTrails => {
  const totals = {
    cpu: makeTrail(points),
    memory: makeTrail(points),
    network: makeTrail(points),
  };
  let lastStep: number | undefined;
  let hasFrame = false;
  let waiting: FleetRecent | undefined;

  const clear = (): void => {
    entries.clearTrails();
    for (const trail of Object.values(totals)) trail.clear();
    lastStep = undefined;
    waiting = undefined;
  };
  const fill = (recent: FleetRecent): void => {
    waiting = undefined;
    const newest = fillTrails(recent, entries, totals);
    lastStep = Math.max(lastStep ?? newest, newest);
  };
  const extend = (step: number): void => {
    const isNear = lastStep !== undefined && step - lastStep <= MOST_BRIDGED + 1;
    const from = isNear && lastStep !== undefined ? lastStep + 1 : step;
    lastStep = step;
    entries.extendTrails(from, step);
    const sums = sum();
    for (let at = from; at <= step; at += 1) {
      totals.cpu.set(at, sums.cpuUsagePercent);
      totals.memory.set(at, sums.memoryUsedBytes);
      totals.network.set(at, sums.networkBytesPerSecond);
    }
  };

  return {
    totals,
    awaitFrame: () => {
      hasFrame = false;
      waiting = undefined;
    },
    applyFrame: (at) => {
      const step = Math.floor(at / STEP_MS);
      hasFrame = true;
      const isFilled = waiting !== undefined;
      const isSetBack = lastStep !== undefined && step < lastStep - AHEAD;
      if (isSetBack) clear();
      else if (waiting !== undefined) fill(waiting);
      if (lastStep !== undefined && step <= lastStep) return isFilled ? 'added' : 'nothing_new';
      extend(step);
      return isSetBack ? 'clock_set_back' : 'added';
    },
    applyRecent: (recent) => {
      if (hasFrame) fill(recent);
      else waiting = recent;
      return hasFrame;
    },
  };
};
