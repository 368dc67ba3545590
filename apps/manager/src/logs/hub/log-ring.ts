/**
 * The entries of one stream, in one numbering without holes. They are kept as the text that came, a
 * third of the size of what is made of it; the newest are kept ready as well, so that many viewers of
 * live lines share one parsing. Marks outlive their place: who comes for it gets them before the rest.
 */
import type { LogEntry, LogEvent, LogMark } from '@innkeeper/protocol';
import { parseLogText } from '../log-text.ts';
import type { HubRead } from './log-hub.ts';

interface Slot {
  /** Undefined: a mark, which is always ready. */
  readonly text: string | undefined;
  /** Looked for without making the text a line again. */
  readonly cursor: string | undefined;
  ready: LogEntry | undefined;
}

export type NewMark = Omit<LogMark, 'seq'>;

export interface LogRing {
  addLine(event: LogEvent, text: string): void;
  addMark(mark: NewMark): void;
  newest(): number;
  oldest(): number;
  count(): number;
  bytes(): number;
  /** Entries that had to go. */
  dropped(): number;
  read(seq: number, max: number, maxBytes: number): HubRead;
  find(cursor: string): number | undefined;
  /** The text of each line that is held, by its cursor; the newest where a cursor came twice. */
  texts(): Map<string, string>;
  dropOldest(): void;
  /** Entries up to this one are not kept ready any more. */
  cool(seq: number): void;
}

/** Of an entry besides its text. */
const SLOT_BYTES = 100;
const MARK_BYTES = 200;
/** Of marks whose place is gone: what they count would else be missing in every sum. */
const MAX_OLD_MARKS = 100;
/** The holes at the start of the list are closed now and then. */
const MAX_HOLES = 1024;

const bytesOf = ({ text, cursor }: Slot): number =>
  SLOT_BYTES + (text?.length ?? MARK_BYTES) + (cursor?.length ?? 0);

/** In the place of the later one. What each of them counts is in it; the older is gone as an entry. */
const mergeMarks = (older: LogMark, newer: LogMark): LogMark => {
  if (older.count === 0) return newer;
  if (newer.count === 0) return { ...older, seq: newer.seq, at: newer.at };
  const { seq, at, reason } = newer;
  const isUnknown = older.count === null || newer.count === null;
  const count = isUnknown ? null : (older.count ?? 0) + (newer.count ?? 0);
  return {
    seq,
    mark: 'lost',
    at,
    count,
    ...(reason !== undefined && reason === older.reason && { reason }),
  };
};

export const makeLogRing = (hotEntries: number): LogRing => {
  let slots: (Slot | undefined)[] = [];
  /** Of the first of them; what was before it is a hole. */
  let head = 0;
  let oldest = 1;
  let newest = 0;
  let bytes = 0;
  /** Up to here nothing is ready. */
  let cold = 0;
  let oldMarks: LogMark[] = [];

  const slotAt = (seq: number): Slot | undefined =>
    seq < oldest || seq > newest ? undefined : slots[head + seq - oldest];

  const entryOf = (slot: Slot, seq: number): LogEntry | undefined => {
    if (slot.ready !== undefined) return slot.ready;
    // It was checked when it came, so it is one.
    const event = parseLogText(slot.text ?? '');
    return event === undefined ? undefined : { ...event, seq };
  };

  const coolOne = (seq: number): void => {
    const slot = slotAt(seq);
    if (slot?.text !== undefined) slot.ready = undefined;
  };

  const cool = (seq: number): void => {
    for (cold = Math.max(cold, oldest - 1); cold < Math.min(seq, newest);) {
      cold += 1;
      coolOne(cold);
    }
  };

  const add = (slot: Slot): void => {
    newest += 1;
    slots.push(slot);
    bytes += bytesOf(slot);
    if (newest - cold > hotEntries) cool(newest - hotEntries);
  };

  return {
    addLine: (event, text) => {
      add({ text, cursor: event.cursor, ready: { ...event, seq: newest + 1 } });
    },
    addMark: (mark) => {
      add({ text: undefined, cursor: undefined, ready: { ...mark, seq: newest + 1 } });
    },
    newest: () => newest,
    oldest: () => oldest,
    count: () => newest - oldest + 1,
    bytes: () => bytes,
    dropped: () => oldest - 1,
    read: (seq, max, maxBytes) => {
      const entries: LogEntry[] =
        seq >= oldest - 1 ? [] : oldMarks.filter((mark) => mark.seq > seq);
      const dropped = Math.max(0, oldest - 1 - seq) - entries.length;
      const sizes = entries.map(() => MARK_BYTES);
      let through = Math.max(seq, oldest - 1);
      let taken = 0;
      while (through < newest && entries.length < max) {
        const slot = slotAt(through + 1);
        if (slot === undefined) break;
        const size = slot.text?.length ?? MARK_BYTES;
        if (entries.length > 0 && taken + size > maxBytes) break;
        taken += size;
        through += 1;
        const entry = entryOf(slot, through);
        if (entry === undefined) continue;
        entries.push(entry);
        sizes.push(size);
      }
      return { entries, dropped, through, sizes };
    },
    find: (cursor) => {
      for (let seq = newest; seq >= oldest; seq -= 1) {
        if (slotAt(seq)?.cursor === cursor) return seq;
      }
      return undefined;
    },
    texts: () => {
      const texts = new Map<string, string>();
      for (let seq = oldest; seq <= newest; seq += 1) {
        const { text, cursor } = slotAt(seq) ?? {};
        if (text !== undefined && cursor !== undefined) texts.set(cursor, text);
      }
      return texts;
    },
    dropOldest: () => {
      const slot = slotAt(oldest);
      if (slot === undefined) return;
      if (slot.ready !== undefined && 'mark' in slot.ready) {
        oldMarks.push(slot.ready);
        const [first, second, ...rest] = oldMarks;
        if (rest.length > MAX_OLD_MARKS - 2 && first !== undefined && second !== undefined) {
          oldMarks = [mergeMarks(first, second), ...rest];
        }
      }
      bytes -= bytesOf(slot);
      slots[head] = undefined;
      head += 1;
      oldest += 1;
      if (head < MAX_HOLES || head < slots.length / 2) return;
      slots = slots.slice(head);
      head = 0;
    },
    cool,
  };
};
