/**
 * The lines that are kept, by a number that each keeps for as long as it is there. It grows at the
 * end as lines come, and at the beginning where earlier ones are fetched.
 */

export interface Ring<Item> {
  /** Of the oldest; may be below zero. */
  readonly first: number;
  /** One past the newest. */
  readonly end: number;
  at(number: number): Item | undefined;
  push(item: Item): void;
  /** Oldest last: the first of them takes the place right before what is there. */
  unshift(item: Item): void;
  shift(): Item | undefined;
  pop(): Item | undefined;
}

const FIRST_SIZE = 1024;

export const makeRing = <Item>(): Ring<Item> => {
  let slots: (Item | undefined)[] = Array.from({ length: FIRST_SIZE });
  let first = 0;
  let end = 0;
  const slotOf = (number: number): number => number & (slots.length - 1);
  const growIfFull = (): void => {
    if (end - first < slots.length) return;
    const before = slots;
    slots = Array.from({ length: before.length * 2 });
    for (let number = first; number < end; number += 1) {
      slots[slotOf(number)] = before[number & (before.length - 1)];
    }
  };
  const take = (number: number): Item | undefined => {
    const item = slots[slotOf(number)];
    slots[slotOf(number)] = undefined;
    return item;
  };
  return {
    get first() {
      return first;
    },
    get end() {
      return end;
    },
    at: (number) => (number >= first && number < end ? slots[slotOf(number)] : undefined),
    push: (item) => {
      growIfFull();
      slots[slotOf(end)] = item;
      end += 1;
    },
    unshift: (item) => {
      growIfFull();
      first -= 1;
      slots[slotOf(first)] = item;
    },
    shift: () => {
      if (first === end) return undefined;
      first += 1;
      return take(first - 1);
    },
    pop: () => {
      if (first === end) return undefined;
      end -= 1;
      return take(end);
    },
  };
};
