/** One entry: https://systemd.io/JOURNAL_FILE_FORMAT/#entry-objects. */
import type { Block, BlockCache } from './block-cache.ts';
import { hex64, id128, longAt } from './bytes.ts';
import type { JournalCursor } from './cursor.ts';
import { ENTRY_OBJECT, findObject, objectSize } from './object-head.ts';

export interface JournalEntry extends JournalCursor {
  /** Where it stands in its file. */
  readonly offset: number;
  readonly fieldCount: number;
  /** Where its fields are, as the file has it: in this block, from this byte on. */
  readonly block: Block;
  readonly itemsAt: number;
}

const FIXED_BYTES = 64;
/** As many fields as journald accepts (ENTRY_FIELD_COUNT_MAX), and those that it adds. */
const MAX_FIELDS = 1_200;

export const makeEntryReader = (
  blocks: BlockCache,
  itemBytes: 4 | 16,
  seqnumId: string,
): ((offset: number) => JournalEntry | undefined) => {
  // A journal holds few boots, and 32 digits cost more than the rest of an entry.
  let key0 = 0;
  let key1 = 0;
  let key2 = 0;
  let key3 = 0;
  let bootId = id128(new Uint8Array(16), 0);

  const bootIdOf = ({ words, bytes }: Block, at: number): string => {
    const first = at >> 2;
    const isSame =
      words[first] === key0 &&
      words[first + 1] === key1 &&
      words[first + 2] === key2 &&
      words[first + 3] === key3;
    if (!isSame) {
      key0 = words[first] ?? 0;
      key1 = words[first + 1] ?? 0;
      key2 = words[first + 2] ?? 0;
      key3 = words[first + 3] ?? 0;
      bootId = id128(bytes, at);
    }
    return bootId;
  };

  return (offset) => {
    let block = findObject(blocks, offset, ENTRY_OBJECT);
    if (block === undefined) return undefined;
    const size = objectSize(block, offset);
    const fieldCount = Math.floor((size - FIXED_BYTES) / itemBytes);
    if (fieldCount < 0 || fieldCount > MAX_FIELDS) return undefined;
    const length = FIXED_BYTES + fieldCount * itemBytes;
    if (offset - block.start + length > block.bytes.length) {
      block = blocks.find(offset, length);
      if (block === undefined) return undefined;
    }
    const at = offset - block.start;
    const { words } = block;
    const seqnum = longAt(words, at + 16);
    const realtimeUs = longAt(words, at + 24);
    // journald refuses these itself; in a file they mean that this is not an entry any more.
    if (seqnum === 0 || !Number.isSafeInteger(realtimeUs)) return undefined;
    return {
      seqnumId,
      seqnum,
      realtimeUs,
      monotonicUs: longAt(words, at + 32),
      bootId: bootIdOf(block, at + 40),
      xorHash: hex64(words, at + 56),
      offset,
      fieldCount,
      block,
      itemsAt: at + FIXED_BYTES,
    };
  };
};

/** Where the field is that an item of an entry names. */
export const dataOffsetOf = (entry: JournalEntry, index: number, itemBytes: 4 | 16): number => {
  const { words } = entry.block;
  return itemBytes === 4
    ? (words[(entry.itemsAt >> 2) + index] ?? 0)
    : longAt(words, entry.itemsAt + index * 16);
};
