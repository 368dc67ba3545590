/**
 * Reads one journal file, also while journald appends to it: header, entries by number, the fields
 * of an entry. Whatever the bytes say, it neither throws nor goes in circles.
 */
import { makeBlockCache, type ByteSource } from './block-cache.ts';
import { wordsOf } from './bytes.ts';
import type { EntryPlace } from './entry-order.ts';
import { makeEntryChain, type EntryChain } from './entry-chain.ts';
import { makeContentsReader, type EntryContents } from './contents-reader.ts';
import { makeEntryReader, type JournalEntry } from './entry-reader.ts';
import { makeFieldReader, type DecodeField, type Decompress } from './field-reader.ts';
import { HEADER_BYTES, parseJournalHeader, type JournalHeader } from './header.ts';
import type { JournalProblem } from './problem.ts';

export interface JournalFile<Field, Shared> {
  /** As of the last `refresh`. */
  header(): JournalHeader;
  /**
   * Reads the header again, and whatever the file has besides when something was added. A problem
   * means that the file is not what it was: closed, cut, or written over.
   */
  refresh(): JournalProblem | undefined;
  /** How many entries can be reached, as of the last `refresh`: fewer than there are if damaged. */
  entries(): number;
  /** Undefined where the file is damaged; the next one may be fine. */
  entry(index: number): JournalEntry | undefined;
  /** Of an entry of this file. Cheapest where entries are asked for in their order. */
  contents(entry: JournalEntry): EntryContents<Field, Shared>;
  /** The first entry not before that time; `entries()` if there is none. */
  seekRealtime(realtimeUs: number): number;
  /** The first entry with this number or a higher one; `entries()` if there is none. */
  seekSeqnum(seqnum: number): number;
}

export interface JournalFileOptions<Field, Shared> {
  readonly source: ByteSource;
  readonly decompress: Decompress;
  /** Called once for each of the last few thousand data objects: most entries share most fields. */
  readonly decodeField: DecodeField<Field>;
  /** Called once for fields that entries have in common. */
  readonly share: (fields: readonly Field[]) => Shared;
  /** Whether some hundreds of them may be kept. */
  readonly isSmall: (shared: Shared) => boolean;
  /** One character for each byte. */
  readonly decodeLatin1: (bytes: Uint8Array, start: number, end: number) => string;
}

export type OpenedJournal<Field, Shared> =
  | { readonly ok: true; readonly file: JournalFile<Field, Shared> }
  | { readonly ok: false; readonly problem: JournalProblem };

const isSame = (left: Uint32Array, right: Uint32Array): boolean => {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return false;
  return true;
};

/** What a search steps over before it takes a part of the file for lost. */
const MAX_UNREADABLE = 64;

export const openJournalFile = <Field, Shared>(
  options: JournalFileOptions<Field, Shared>,
): OpenedJournal<Field, Shared> => {
  const { source } = options;
  const firstBytes = source.readAt(0, HEADER_BYTES);
  const first = parseJournalHeader(firstBytes);
  if (!first.ok) return first;
  let { header } = first;
  let headerWords = wordsOf(firstBytes);
  const { compact, fileId, seqnumId } = header;
  const blocks = makeBlockCache(source);
  const chain: EntryChain = makeEntryChain(blocks, () => header.entryArrayOffset, compact ? 4 : 8);
  // Not before it is needed: who looks at many files only wants their headers.
  let reached: number | undefined;
  const reachable = (): number => (reached ??= chain.reach(header.entries));
  const itemBytes = compact ? 4 : 16;
  const readEntry = makeEntryReader(blocks, itemBytes, seqnumId);
  const { kept, fresh } = makeFieldReader({ ...options, blocks, compact });
  const contents = makeContentsReader({ ...options, itemBytes, field: kept, newField: fresh });

  const entry = (index: number): JournalEntry | undefined => {
    const offset = index < reachable() ? chain.offsetOf(index) : undefined;
    return offset === undefined ? undefined : readEntry(offset);
  };

  /** The place of the first of several numbers on from `index` that can be read. */
  const probe = (index: number, end: number): { at: number; place: EntryPlace } | undefined => {
    for (let at = index; at < end && at < index + MAX_UNREADABLE; at += 1) {
      const place = entry(at);
      if (place !== undefined) return { at, place };
    }
    return undefined;
  };

  const search = (isBefore: (place: EntryPlace) => boolean): number => {
    let low = 0;
    let high = reachable();
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = probe(middle, high);
      if (found === undefined || !isBefore(found.place)) high = middle;
      else low = found.at + 1;
    }
    return low;
  };

  return {
    ok: true,
    file: {
      header: () => header,
      refresh: () => {
        const bytes = source.readAt(0, HEADER_BYTES);
        // Mostly nothing has happened, and who looks 50 times a second should pay for no more.
        const words = wordsOf(bytes);
        if (isSame(words, headerWords)) return undefined;
        const next = parseJournalHeader(bytes);
        if (!next.ok) return next.problem;
        headerWords = words;
        if (next.header.fileId !== fileId || next.header.compact !== compact) {
          return { kind: 'damaged', message: 'another file was written over it' };
        }
        const isUnchanged =
          next.header.entries === header.entries &&
          next.header.entryArrayOffset === header.entryArrayOffset;
        header = next.header;
        if (!isUnchanged) {
          blocks.invalidate();
          reached = undefined;
        }
        return undefined;
      },
      entries: reachable,
      entry,
      contents,
      seekRealtime: (realtimeUs) => search((place) => place.realtimeUs < realtimeUs),
      seekSeqnum: (seqnum) => search((place) => place.seqnum < seqnum),
    },
  };
};
