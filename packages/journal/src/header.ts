/**
 * The header of a journal file: https://systemd.io/JOURNAL_FILE_FORMAT/#header. Keyed hashes only
 * matter to those who look data up by its hash, so that flag is known and needs nothing.
 */
import { id128, u32, u64 } from './bytes.ts';
import { damaged, type JournalProblem } from './problem.ts';

/** All that this reader looks at; files of older systemds are shorter, down to 208. */
export const HEADER_BYTES = 272;
const OLDEST_HEADER_BYTES = 208;

const SIGNATURE = [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48] as const;

/** journald rotates long before; numbers above 2^53 could not even be counted through. */
const MAX_ENTRIES = 2 ** 40;

const KEYED_HASH = 4;
const COMPACT = 16;
const COMPRESSIONS = 1 | 2 | 8;
const KNOWN_FLAGS = COMPRESSIONS | KEYED_HASH | COMPACT;

export interface JournalHeader {
  readonly fileId: string;
  readonly machineId: string;
  readonly seqnumId: string;
  /** Rotated away: nothing will be added. */
  readonly archived: boolean;
  readonly compact: boolean;
  readonly headerBytes: number;
  readonly entries: number;
  readonly entryArrayOffset: number;
  readonly headSeqnum: number;
  readonly tailSeqnum: number;
  readonly headRealtimeUs: number;
  readonly tailRealtimeUs: number;
  readonly tailMonotonicUs: number;
  readonly tailBootId: string;
}

export type ParsedHeader =
  | { readonly ok: true; readonly header: JournalHeader }
  | { readonly ok: false; readonly problem: JournalProblem };

const refuse = (problem: JournalProblem): ParsedHeader => ({ ok: false, problem });

export const parseJournalHeader = (bytes: Uint8Array): ParsedHeader => {
  if (bytes.length < OLDEST_HEADER_BYTES) {
    return refuse(damaged(`only ${bytes.length} bytes of a header`));
  }
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) {
    return refuse({ kind: 'not_a_journal', message: 'it does not start with LPKSHHRH' });
  }
  const flags = u32(bytes, 12);
  const unknown = (flags & ~KNOWN_FLAGS) >>> 0;
  if (unknown !== 0) {
    const message = `it has the incompatible flags 0x${unknown.toString(16)}`;
    return refuse({ kind: 'unsupported', message });
  }
  const headerBytes = u64(bytes, 88);
  if (headerBytes < OLDEST_HEADER_BYTES) {
    return refuse(damaged(`its header says it has ${headerBytes} bytes`));
  }
  const entries = u64(bytes, 152);
  if (entries > MAX_ENTRIES) return refuse(damaged(`its header says it has ${entries} entries`));
  return {
    ok: true,
    header: {
      fileId: id128(bytes, 24),
      machineId: id128(bytes, 40),
      tailBootId: id128(bytes, 56),
      seqnumId: id128(bytes, 72),
      archived: bytes[16] === 2,
      compact: (flags & COMPACT) !== 0,
      headerBytes,
      entries,
      tailSeqnum: u64(bytes, 160),
      headSeqnum: u64(bytes, 168),
      entryArrayOffset: u64(bytes, 176),
      headRealtimeUs: u64(bytes, 184),
      tailRealtimeUs: u64(bytes, 192),
      tailMonotonicUs: u64(bytes, 200),
    },
  };
};
