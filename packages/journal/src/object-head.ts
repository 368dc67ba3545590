/** What every object of a journal file starts with: type, compression and size. */
import type { Block, BlockCache } from './block-cache.ts';
import { longAt } from './bytes.ts';

export const DATA_OBJECT = 1;
export const ENTRY_OBJECT = 3;
export const ENTRY_ARRAY_OBJECT = 6;

const HEAD_BYTES = 16;

/** A block with the object's head. Undefined where no object of this type can be. */
export const findObject = (blocks: BlockCache, offset: number, type: number): Block | undefined => {
  // Objects are aligned to 8; an offset that is not was never one.
  if (offset % 8 !== 0) return undefined;
  const block = blocks.find(offset, HEAD_BYTES);
  return block !== undefined && block.bytes[offset - block.start] === type ? block : undefined;
};

/** In bytes, with the head. */
export const objectSize = (block: Block, offset: number): number =>
  longAt(block.words, offset - block.start + 8);
