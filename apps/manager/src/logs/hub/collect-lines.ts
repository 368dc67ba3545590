/** The next batch out of a stream: what passes the filter, up to the limits of a batch. */
import type { LogEntry } from '@innkeeper/protocol';
import type { HubStream } from './log-hub.ts';
import { passes, type LineFilter } from '../line-filter.ts';

export interface CollectedLines {
  readonly lines: readonly LogEntry[];
  /** About what they have as JSON. */
  readonly bytes: number;
  /** Entries that are gone. */
  readonly dropped: number;
  /** Where to go on. */
  readonly position: number;
}

/** Looked at in one go where a filter lets little through. */
const SCAN_LINES = 4_000;
const SCAN_BYTES = 2 * 1024 * 1024;

export const collectLines = (
  stream: HubStream,
  after: number,
  filter: LineFilter | undefined,
  most: { readonly lines: number; readonly bytes: number },
): CollectedLines => {
  const lines: LogEntry[] = [];
  let position = after;
  let bytes = 0;
  let dropped = 0;
  let scanned = 0;
  let scannedBytes = 0;
  while (lines.length < most.lines && bytes < most.bytes && scannedBytes < SCAN_BYTES) {
    const count = Math.min(most.lines - lines.length, SCAN_LINES - scanned);
    const read = stream.read(position, count, most.bytes - bytes);
    dropped += read.dropped;
    position = read.through;
    if (read.entries.length === 0) break;
    scanned += read.entries.length;
    for (const [index, entry] of read.entries.entries()) {
      const size = read.sizes[index] ?? 0;
      scannedBytes += size;
      if (!passes(filter, entry)) continue;
      lines.push(entry);
      bytes += size;
    }
  }
  return { lines, bytes, dropped, position };
};
