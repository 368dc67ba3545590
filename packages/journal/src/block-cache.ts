/**
 * Reads through a bounded set of blocks, so that a file of gigabytes costs a mebibyte and the fields
 * of an entry, which lie side by side, cost one read. Old blocks go by generation: when one is full
 * it becomes the old one, and what was not asked for since is dropped with it.
 */

/** Never throws. Gives fewer bytes where the file ends, none where it cannot be read. */
export interface ByteSource {
  /** The bytes belong to the caller. */
  readAt(offset: number, length: number): Uint8Array;
}

export interface BlockCache {
  /** Undefined where the file is shorter. Valid for as long as nobody writes to it. */
  read(offset: number, length: number): Uint8Array | undefined;
  /** What was read may have changed. */
  invalidate(): void;
}

const BLOCK_BYTES = 16 * 1024;
const BLOCKS_OF_A_GENERATION = 32;

export const makeBlockCache = (source: ByteSource): BlockCache => {
  let young = new Map<number, Uint8Array>();
  let old = new Map<number, Uint8Array>();
  let lastNumber = -1;
  let last: Uint8Array = new Uint8Array(0);

  const fetch = (number: number): Uint8Array => {
    const kept = young.get(number) ?? old.get(number);
    const block = kept ?? source.readAt(number * BLOCK_BYTES, BLOCK_BYTES);
    if (young.size >= BLOCKS_OF_A_GENERATION) {
      old = young;
      young = new Map();
    }
    young.set(number, block);
    return block;
  };

  const blockAt = (number: number): Uint8Array => {
    if (number === lastNumber) return last;
    last = fetch(number);
    lastNumber = number;
    return last;
  };

  return {
    read: (offset, length) => {
      if (!(offset >= 0 && offset + length <= Number.MAX_SAFE_INTEGER)) return undefined;
      const number = Math.floor(offset / BLOCK_BYTES);
      const start = offset - number * BLOCK_BYTES;
      if (start + length <= BLOCK_BYTES) {
        const block = blockAt(number);
        return start + length <= block.length ? block.subarray(start, start + length) : undefined;
      }
      const bytes = source.readAt(offset, length);
      return bytes.length === length ? bytes : undefined;
    },
    invalidate: () => {
      young = new Map();
      old = new Map();
      lastNumber = -1;
    },
  };
};
