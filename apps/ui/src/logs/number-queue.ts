/** Rising numbers that come at the end and go at both ends: which lines a filter lets through. */

export interface NumberQueue {
  readonly length: number;
  at(position: number): number | undefined;
  /** Larger than all that are there. */
  push(value: number): void;
  dropBelow(value: number): void;
  dropFrom(value: number): void;
  /** Position of the first that is not smaller. */
  positionOf(value: number): number;
  clear(): void;
}

/** Room at the beginning is given back from here on. */
const SPARE = 4096;

export const makeNumberQueue = (): NumberQueue => {
  let values: number[] = [];
  let head = 0;
  const positionOf = (value: number): number => {
    let low = head;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low - head;
  };
  return {
    get length() {
      return values.length - head;
    },
    at: (position) => (position < 0 ? undefined : values[head + position]),
    push: (value) => {
      values.push(value);
    },
    dropBelow: (value) => {
      while (head < values.length && (values[head] ?? value) < value) head += 1;
      if (head < SPARE) return;
      values = values.slice(head);
      head = 0;
    },
    dropFrom: (value) => {
      values.length = head + positionOf(value);
    },
    positionOf,
    clear: () => {
      values = [];
      head = 0;
    },
  };
};
