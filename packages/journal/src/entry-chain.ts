/**
 * Where the n-th entry of a file is: https://systemd.io/JOURNAL_FILE_FORMAT/#entry-array-objects.
 * The arrays are chained and each is twice as long as the one before, so a file of a million entries
 * has some twenty of them. In an honest file each lies behind the one before; that they must here is
 * what keeps a damaged chain from leading in a circle.
 */
import { longAt } from './bytes.ts';
import type { BlockCache } from './block-cache.ts';
import { ENTRY_ARRAY_OBJECT, findObject, objectSize } from './object-head.ts';

export interface EntryChain {
  /** Of an entry within reach. Undefined where the chain is broken. */
  offsetOf(index: number): number | undefined;
  /** How many of so many entries the chain has room for: fewer where it is broken or cut. */
  reach(entries: number): number;
}

interface EntryArray {
  readonly offset: number;
  readonly firstIndex: number;
  readonly capacity: number;
}

const ITEMS_AT = 24;
/** Doubling gets to any size in 60; old systemds made many of the same size. */
const MAX_ARRAYS = 4_096;

export const makeEntryChain = (
  blocks: BlockCache,
  firstOffset: () => number,
  itemBytes: 4 | 8,
): EntryChain => {
  const arrays: EntryArray[] = [];
  let current: EntryArray | undefined;

  const nextOffset = (): number => {
    const last = arrays.at(-1);
    if (last === undefined) return firstOffset();
    const block = blocks.find(last.offset + 16, 8);
    const next = block === undefined ? 0 : longAt(block.words, last.offset + 16 - block.start);
    return next > last.offset ? next : 0;
  };

  const room = (): number => {
    const last = arrays.at(-1);
    return last === undefined ? 0 : last.firstIndex + last.capacity;
  };

  const extend = (): boolean => {
    const offset = nextOffset();
    if (offset === 0 || arrays.length >= MAX_ARRAYS) return false;
    const block = findObject(blocks, offset, ENTRY_ARRAY_OBJECT);
    const size = block === undefined ? 0 : objectSize(block, offset);
    if (size < ITEMS_AT + itemBytes) return false;
    const firstIndex = room();
    const capacity = Math.floor((size - ITEMS_AT) / itemBytes);
    // A size that leads out of the file is no size, and nobody should count through it.
    const lastItem = offset + ITEMS_AT + (capacity - 1) * itemBytes;
    if (blocks.find(lastItem, itemBytes) === undefined) return false;
    arrays.push({ offset, firstIndex, capacity });
    return true;
  };

  const holds = (array: EntryArray, index: number): boolean =>
    index >= array.firstIndex && index < array.firstIndex + array.capacity;

  return {
    reach: (entries) => {
      while (room() < entries) if (!extend()) return room();
      return entries;
    },
    offsetOf: (index) => {
      if (current === undefined || !holds(current, index)) {
        current = arrays.find((array) => holds(array, index));
      }
      if (current === undefined) return undefined;
      const at = current.offset + ITEMS_AT + (index - current.firstIndex) * itemBytes;
      const block = blocks.find(at, itemBytes);
      if (block === undefined) return undefined;
      const { words, start } = block;
      const offset = itemBytes === 4 ? words[(at - start) >> 2] : longAt(words, at - start);
      return offset === 0 ? undefined : offset;
    },
  };
};
