/** Who has a turn at which tick: the targets of its slot, and new ones that do not wait for theirs. */
import type { Slots } from './phase.ts';

export interface TurnOrder<State> {
  /** With `nextTick` it has its first turn within a second of that. */
  add(state: State, nextTick: number | undefined): void;
  delete(state: State): void;
  /** Calls back with each once; they may be added and deleted meanwhile. */
  forDue(tick: number, takeTurn: (state: State) => void): void;
  /** How many turns these ticks would have had. */
  countTurns(firstTick: number, ticks: number): number;
}

const FIRST_TURN_MS = 1000;

export const makeTurnOrder = <State extends { readonly slot: number }>({
  count,
  ms,
}: Slots): TurnOrder<State> => {
  const slots = Array.from({ length: count }, () => new Set<State>());
  /** By the tick of their first turn. */
  const early = new Map<State, number>();
  const ticksWithin = Math.max(1, Math.floor(FIRST_TURN_MS / ms));
  let size = 0;

  return {
    add: (state, nextTick) => {
      slots[state.slot]?.add(state);
      size += 1;
      if (nextTick === undefined) return;
      const untilItsSlot = (state.slot - (nextTick % count) + count) % count;
      // Spread as well: a thousand may be added at one time.
      if (untilItsSlot >= ticksWithin) early.set(state, nextTick + (state.slot % ticksWithin));
    },
    delete: (state) => {
      if (slots[state.slot]?.delete(state) === true) size -= 1;
      early.delete(state);
    },
    forDue: (tick, takeTurn) => {
      for (const state of slots[tick % count] ?? []) {
        early.delete(state);
        takeTurn(state);
      }
      for (const [state, firstTick] of early) {
        if (firstTick > tick) continue;
        early.delete(state);
        takeTurn(state);
      }
    },
    countTurns: (firstTick, ticks) => {
      let turns = Math.floor(ticks / count) * size;
      for (let tick = firstTick; tick < firstTick + (ticks % count); tick += 1) {
        turns += slots[tick % count]?.size ?? 0;
      }
      return turns;
    },
  };
};
