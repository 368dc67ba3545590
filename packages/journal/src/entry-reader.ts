/** One entry: https://systemd.io/JOURNAL_FILE_FORMAT/#entry-objects. */
import type { BlockCache } from './block-cache.ts';
import { hex64, id128, u32, u64 } from './bytes.ts';
import type { JournalCursor } from './cursor.ts';
import { ENTRY_OBJECT, readObjectHead } from './object-head.ts';

export interface JournalEntry extends JournalCursor {
  /** Where it stands in its file. */
  readonly offset: number;
  /** Where its fields are, as the file has it. */
  readonly items: Uint8Array;
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
  let bootKey = new Uint8Array(0);
  let bootId = '';

  const isSameBoot = (bytes: Uint8Array): boolean => {
    for (let at = 0; at < 16; at += 1) if (bytes[40 + at] !== bootKey[at]) return false;
    return true;
  };

  const bootIdOf = (bytes: Uint8Array): string => {
    if (!isSameBoot(bytes)) {
      bootKey = bytes.slice(40, 56);
      bootId = id128(bytes, 40);
    }
    return bootId;
  };

  return (offset) => {
    const head = readObjectHead(blocks, offset, ENTRY_OBJECT);
    if (head === undefined || head.size < FIXED_BYTES) return undefined;
    const count = Math.floor((head.size - FIXED_BYTES) / itemBytes);
    if (count > MAX_FIELDS) return undefined;
    const bytes = blocks.read(offset, FIXED_BYTES + count * itemBytes);
    if (bytes === undefined) return undefined;
    const seqnum = u64(bytes, 16);
    const realtimeUs = u64(bytes, 24);
    // journald refuses these itself; in a file they mean that this is not an entry any more.
    if (seqnum === 0 || !Number.isSafeInteger(realtimeUs)) return undefined;
    return {
      seqnumId,
      seqnum,
      realtimeUs,
      monotonicUs: u64(bytes, 32),
      bootId: bootIdOf(bytes),
      xorHash: hex64(bytes, 56),
      offset,
      items: bytes.subarray(FIXED_BYTES),
    };
  };
};

/** Where the field is that an item of an entry names. */
export const dataOffsetOf = (items: Uint8Array, index: number, itemBytes: 4 | 16): number =>
  itemBytes === 4 ? u32(items, index * 4) : u64(items, index * 16);
