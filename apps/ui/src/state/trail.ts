/**
 * The last values of one number at equal steps of time, for a small chart: a ring that forgets the
 * oldest. A step of which nothing was said is unknown.
 */

export interface Trail {
  /** What it was at a step. Those between it and the newest before are unknown. */
  set(step: number, value: number | null): void;
  /** Several from this step on, NaN for unknown. What is known already stays. */
  fill(first: number, values: Float32Array): void;
  readonly length: number;
  /** From the oldest; undefined where it was unknown. */
  at(index: number): number | undefined;
  clear(): void;
}

export const makeTrail = (capacity: number): Trail => {
  const values = new Float32Array(capacity).fill(Number.NaN);
  let oldest: number | undefined;
  let newest = 0;

  /** False: it is too long ago. */
  const makeRoom = (step: number): boolean => {
    if (oldest === undefined) {
      oldest = step;
      newest = step;
      values.fill(Number.NaN);
      return true;
    }
    for (let at = Math.max(newest + 1, step - capacity + 1); at <= step; at += 1) {
      values[at % capacity] = Number.NaN;
    }
    newest = Math.max(newest, step);
    const least = newest - capacity + 1;
    if (step < least) return false;
    oldest = Math.max(Math.min(oldest, step), least);
    return true;
  };
  const valueAt = (step: number): number => values[step % capacity] ?? Number.NaN;

  return {
    set: (step, value) => {
      if (makeRoom(step)) values[step % capacity] = value ?? Number.NaN;
    },
    fill: (first, added) => {
      const last = first + added.length - 1;
      if (added.length === 0 || !makeRoom(last)) return;
      const from = Math.max(first, newest - capacity + 1);
      makeRoom(from);
      for (let step = from; step <= last; step += 1) {
        const at = step % capacity;
        if (Number.isNaN(values[at])) values[at] = added[step - first] ?? Number.NaN;
      }
    },
    get length() {
      return oldest === undefined ? 0 : newest - oldest + 1;
    },
    at: (index) => {
      if (oldest === undefined || index < 0 || index > newest - oldest) return undefined;
      const value = valueAt(oldest + index);
      return Number.isNaN(value) ? undefined : value;
    },
    clear: () => {
      oldest = undefined;
    },
  };
};
