/**
 * Timers as a binary heap by due time, then by age. A connection sets and cancels several for each
 * request, so both cost the logarithm of what is pending, and nothing that was cancelled stays.
 */
import type { Cancel } from '../platform.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
  /** Where it is in the heap; -1 outside. */
  index: number;
}

export interface Timers {
  after(delayMs: number, fire: () => void): Cancel;
  fireDue(): void;
}

const isBefore = (left: Timer, right: Timer): boolean =>
  left.dueMs === right.dueMs ? left.order < right.order : left.dueMs < right.dueMs;

export const makeTimers = (nowMs: () => number, setDue: (atMs: number) => void): Timers => {
  const heap: Timer[] = [];
  let count = 0;
  let announcedMs = Infinity;

  const place = (timer: Timer, index: number): void => {
    heap[index] = timer;
    timer.index = index;
  };

  const moveUp = (timer: Timer): void => {
    let { index } = timer;
    while (index > 0) {
      const parent = heap[(index - 1) >> 1];
      if (parent === undefined || !isBefore(timer, parent)) break;
      place(parent, index);
      index = (index - 1) >> 1;
    }
    place(timer, index);
  };

  const moveDown = (timer: Timer): void => {
    let { index } = timer;
    for (;;) {
      const left = heap[2 * index + 1];
      if (left === undefined) break;
      const right = heap[2 * index + 2];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, timer)) break;
      const childIndex = child.index;
      place(child, index);
      index = childIndex;
    }
    place(timer, index);
  };

  const remove = (timer: Timer): void => {
    const last = heap.pop();
    if (last !== undefined && last !== timer) {
      last.index = timer.index;
      moveUp(last);
      moveDown(last);
    }
    timer.index = -1;
  };

  const announce = (): void => {
    const dueMs = heap[0]?.dueMs ?? Infinity;
    if (dueMs === announcedMs) return;
    announcedMs = dueMs;
    setDue(dueMs);
  };

  return {
    after: (delayMs, fire) => {
      count += 1;
      const timer = { dueMs: nowMs() + delayMs, order: count, fire, index: heap.length };
      heap.push(timer);
      moveUp(timer);
      announce();
      return () => {
        if (timer.index < 0) return;
        remove(timer);
        announce();
      };
    },
    // One at a time: the loop calls again, after what its promises have made ready.
    fireDue: () => {
      const [first] = heap;
      if (first === undefined || first.dueMs > nowMs()) return;
      remove(first);
      announce();
      first.fire();
    },
  };
};
