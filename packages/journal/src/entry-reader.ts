/** One entry: https://systemd.io/JOURNAL_FILE_FORMAT/#entry-objects. */
import type { BlockCache } from './block-cache.ts';
import { hex64, id128, u32, u64 } from './bytes.ts';
import type { JournalCursor } from './cursor.ts';
import { ENTRY_OBJECT, readObjectHead } from './object-head.ts';

export interface JournalEntry extends JournalCursor {
  /** Where its fields are. */
  readonly dataOffsets: readonly number[];
}

const FIXED_BYTES = 64;
/** As many fields as journald accepts (ENTRY_FIELD_COUNT_MAX), and those that it adds. */
const MAX_FIELDS = 1_200;

export const makeEntryReader = (
  blocks: BlockCache,
  compact: boolean,
  seqnumId: string,
): ((offset: number) => JournalEntry | undefined) => {
  const itemBytes = compact ? 4 : 16;
  // A journal holds few boots, and 32 digits cost more than the rest of an entry.
  let bootKey = '';
  let bootId = '';

  const bootIdOf = (bytes: Uint8Array): string => {
    const key = `${u32(bytes, 40)} ${u32(bytes, 44)} ${u32(bytes, 48)} ${u32(bytes, 52)}`;
    if (key !== bootKey) {
      bootKey = key;
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
    const dataOffsets: number[] = [];
    for (let at = FIXED_BYTES; at < bytes.length; at += itemBytes) {
      dataOffsets.push(compact ? u32(bytes, at) : u64(bytes, at));
    }
    return {
      seqnumId,
      seqnum,
      realtimeUs,
      monotonicUs: u64(bytes, 32),
      bootId: bootIdOf(bytes),
      xorHash: hex64(bytes, 56),
      dataOffsets,
    };
  };
};
