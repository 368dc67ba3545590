/**
 * Reads through a bounded set of blocks, so that a file of gigabytes costs half a mebibyte and the
 * fields of an entry, which lie side by side, cost one read. Each block has one place where it can be,
 * which is found without a search.
 */
import { wordsOf } from './bytes.ts';

/** Never throws. Gives fewer bytes where the file ends, none where it cannot be read. */
export interface ByteSource {
  /** The bytes belong to the caller. */
  readAt(offset: number, length: number): Uint8Array;
}

/** A part of the file: a view for each field would cost more than all that is read through it. */
export interface Block {
  /** Where in the file it begins. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** The same four by four, as everything that is a number in a journal lies. */
  readonly words: Uint32Array;
}

export interface BlockCache {
  /**
   * What has all of these bytes; undefined where the file is shorter. The offset is a multiple of 4
   * where words are read. Its contents stay what they are, whatever becomes of the file.
   */
  find(offset: number, length: number): Block | undefined;
  /** What was read may have changed. */
  invalidate(): void;
}

const BLOCK_BYTES = 16 * 1024;
const PLACES = 32;

export const makeBlockCache = (source: ByteSource): BlockCache => {
  const blocks: (Block | undefined)[] = Array.from({ length: PLACES }, () => undefined);

  const read = (start: number, length: number): Block | undefined => {
    if (!(start >= 0 && start + length <= Number.MAX_SAFE_INTEGER)) return undefined;
    const bytes = source.readAt(start, length);
    return { start, bytes, words: wordsOf(bytes) };
  };

  return {
    find: (offset, length) => {
      const at = offset % BLOCK_BYTES;
      const start = offset - at;
      if (at + length > BLOCK_BYTES) {
        const own = read(offset, length);
        return own?.bytes.length === length ? own : undefined;
      }
      const place = (start / BLOCK_BYTES) % PLACES;
      let block = blocks[place];
      if (block === undefined || block.start !== start) {
        block = read(start, BLOCK_BYTES);
        if (block === undefined) return undefined;
        blocks[place] = block;
      }
      return at + length <= block.bytes.length ? block : undefined;
    },
    invalidate: () => {
      blocks.fill(undefined);
    },
  };
};
