/** What every object of a journal file starts with: type, compression and size. */
import { u64 } from './bytes.ts';
import type { BlockCache } from './block-cache.ts';

export const DATA_OBJECT = 1;
export const ENTRY_OBJECT = 3;
export const ENTRY_ARRAY_OBJECT = 6;

const HEAD_BYTES = 16;

export interface ObjectHead {
  /** Bit 0: xz, bit 1: lz4, bit 2: zstd. */
  readonly flags: number;
  /** In bytes, with this head. */
  readonly size: number;
}

/** Undefined where no object of this type can be. */
export const readObjectHead = (
  blocks: BlockCache,
  offset: number,
  type: number,
): ObjectHead | undefined => {
  // Objects are aligned to 8; an offset that is not was never one.
  if (offset % 8 !== 0) return undefined;
  const bytes = blocks.read(offset, HEAD_BYTES);
  if (bytes === undefined || bytes[0] !== type) return undefined;
  const size = u64(bytes, 8);
  return size > HEAD_BYTES ? { flags: bytes[1] ?? 0, size } : undefined;
};
