/**
 * What an entry says. Entries of one program repeat nearly all of their fields, and journald has
 * each only once in a file: what entries have in common is put together once for all of them, and
 * found again by the bytes that name it.
 */
import { dataOffsetOf, type JournalEntry } from './entry-reader.ts';

export interface EntryContents<Field, Shared> {
  /** Made of the fields that entries before this one have as well. */
  readonly shared: Shared;
  /** Those that came with it, in their order; all of them come after the shared ones. */
  readonly own: readonly Field[];
  /** How many fields cannot be read, of all. */
  readonly lost: number;
}

interface Kept<Shared> {
  readonly shared: Shared;
  readonly lost: number;
}

interface Dependencies<Field, Shared> {
  readonly itemBytes: 4 | 16;
  /** Of what many entries have. */
  readonly field: (dataOffset: number) => Field | undefined;
  /** Of what this entry brings. */
  readonly newField: (dataOffset: number) => Field | undefined;
  readonly share: (fields: readonly Field[]) => Shared;
  /** Whether it may be kept for entries to come. */
  readonly isSmall: (shared: Shared) => boolean;
  /** One character for each byte. */
  readonly decodeLatin1: (bytes: Uint8Array, start: number, end: number) => string;
}

const KEPT_OF_A_GENERATION = 128;
/** Fields of an entry lie before it, and behind the entry before it: at most so far away. */
const MAX_BETWEEN_BYTES = 64 * 1024;
/** Where the entry before it is not known. */
const LIKELY_BETWEEN_BYTES = 2 * 1024;
/** An entry of hundreds of fields has its own reasons, and nothing in common with others. */
const MAX_SHARED_FIELDS = 100;

export const makeContentsReader = <Field, Shared>(
  dependencies: Dependencies<Field, Shared>,
): ((entry: JournalEntry) => EntryContents<Field, Shared>) => {
  const { itemBytes, field, newField, share, isSmall, decodeLatin1 } = dependencies;
  let young = new Map<string, Kept<Shared>>();
  let old = new Map<string, Kept<Shared>>();
  let previousOffset = 0;

  const make = (entry: JournalEntry, count: number): Kept<Shared> => {
    const fields: Field[] = [];
    for (let index = 0; index < count; index += 1) {
      const found = field(dataOffsetOf(entry, index, itemBytes));
      if (found !== undefined) fields.push(found);
    }
    return { shared: share(fields), lost: count - fields.length };
  };

  const find = (entry: JournalEntry, count: number): Kept<Shared> => {
    if (count > MAX_SHARED_FIELDS) return make(entry, count);
    const { block, itemsAt } = entry;
    const key = decodeLatin1(block.bytes, itemsAt, itemsAt + count * itemBytes);
    const fresh = young.get(key);
    if (fresh !== undefined) return fresh;
    const kept = old.get(key) ?? make(entry, count);
    // What cannot be read now may only not have been written yet.
    if (kept.lost > 0 || !isSmall(kept.shared)) return kept;
    if (young.size >= KEPT_OF_A_GENERATION) {
      old = young;
      young = new Map();
    }
    young.set(key, kept);
    return kept;
  };

  /** Where fields begin that no entry before this one can have. */
  const ownFrom = (offset: number): number => {
    const between = offset - previousOffset;
    const isNext = between > 0 && between <= MAX_BETWEEN_BYTES;
    return isNext ? previousOffset : offset - LIKELY_BETWEEN_BYTES;
  };

  return (entry) => {
    const { offset, fieldCount: count } = entry;
    const from = ownFrom(offset);
    previousOffset = offset;
    let sharedCount = count;
    while (sharedCount > 0 && dataOffsetOf(entry, sharedCount - 1, itemBytes) > from) {
      sharedCount -= 1;
    }
    const { shared, lost: lostOfShared } = find(entry, sharedCount);
    const own: Field[] = [];
    for (let index = sharedCount; index < count; index += 1) {
      const found = newField(dataOffsetOf(entry, index, itemBytes));
      if (found !== undefined) own.push(found);
    }
    return { shared, own, lost: lostOfShared + count - sharedCount - own.length };
  };
};
