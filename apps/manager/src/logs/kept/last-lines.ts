/**
 * The last lines of a VM, whatever their level, for the case that its agent is lost: of the last ten
 * minutes, at most 1 MB of text. What has been here for a minute, or is 64 KB, is packed, to about a
 * sixth; the rest is shared with the ring of the hub. What is packed of all VMs has a limit too.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { logEventSchema, type LogEvent } from '@innkeeper/protocol';
import { z } from 'zod';

export const LAST_LINES_MS = 10 * 60_000;
const MAX_TEXT = 1_000_000;
const CHUNK_TEXT = 64 * 1024;
const CHUNK_MS = 60_000;

export interface LastLine {
  readonly receivedAt: number;
  readonly line: LogEvent;
}

interface PackedChunk {
  readonly newestAt: number;
  readonly text: number;
  readonly lines: number;
  readonly bytes: Buffer;
}

/** What all VMs together may have packed; the oldest makes room. */
export interface PackedRoom {
  /** `release` is called once, when somebody else needs the room. */
  enter(bytes: number, release: () => void): () => void;
  readonly bytes: number;
  readonly released: number;
}

export const makePackedRoom = (capacityBytes: number): PackedRoom => {
  const entries = new Set<{ readonly bytes: number; readonly release: () => void }>();
  let used = 0;
  let released = 0;
  return {
    enter: (bytes, release) => {
      const entry = { bytes, release };
      entries.add(entry);
      used += bytes;
      // A set keeps the order in which they came.
      for (const oldest of entries) {
        if (used <= capacityBytes) break;
        entries.delete(oldest);
        used -= oldest.bytes;
        released += 1;
        oldest.release();
      }
      return () => {
        if (entries.delete(entry)) used -= bytes;
      };
    },
    get bytes() {
      return used;
    },
    get released() {
      return released;
    },
  };
};

export interface LastLines {
  add(receivedAt: number, line: LogEvent): void;
  /** Packs what has been here for long, and forgets what is too old. */
  tidy(now: number): void;
  /** Oldest first. */
  read(): readonly LastLine[];
  clear(): void;
  readonly lines: number;
}

const packedSchema = z.array(z.tuple([z.number(), logEventSchema]));

/** Quotes, names and numbers beside the texts. */
const LINE_TEXT = 120;

const textOf = ({ message, target, cursor, fields }: LogEvent): number => {
  let text = LINE_TEXT + message.length + target.length + cursor.length;
  for (const name in fields) {
    const value = fields[name];
    const length = typeof value === 'string' ? value.length : JSON.stringify(value)?.length;
    text += name.length + (length ?? 0) + 6;
  }
  return text;
};

/** Of one line. What is kept in the end has less, and many long ones together make no JSON any more. */
const MAX_LINE_TEXT = 128 * 1024;

const bounded = (receivedAt: number, line: LogEvent): { kept: LastLine; text: number } => {
  const text = textOf(line);
  if (text <= MAX_LINE_TEXT) return { kept: { receivedAt, line }, text };
  const message = line.message.slice(0, MAX_LINE_TEXT / 2);
  const short = { ...line, message, fields: {} };
  return { kept: { receivedAt, line: short }, text: textOf(short) };
};

/** Lines that come together: the past of a stream that begins, or a burst. */
const TOGETHER_MS = 5_000;

/**
 * By when they came. Those that come together, as the first lines of a stream do, may be much older:
 * there the guest's clock tells, but only among them, since it may have been set meanwhile.
 */
const ofLastMinutes = (lines: readonly LastLine[]): readonly LastLine[] => {
  const newestAt = lines.at(-1)?.receivedAt ?? 0;
  let groupAt = Number.POSITIVE_INFINITY;
  let newest: number | undefined;
  return lines
    .toReversed()
    .filter(({ receivedAt, line: { timestamp } }) => {
      if (newestAt - receivedAt > LAST_LINES_MS) return false;
      if (groupAt - receivedAt > TOGETHER_MS) {
        groupAt = receivedAt;
        newest = undefined;
      }
      if (timestamp === null) return true;
      newest ??= timestamp;
      return newest - timestamp <= LAST_LINES_MS;
    })
    .toReversed();
};

export const makeLastLines = (room: PackedRoom): LastLines => {
  const packed = new Map<PackedChunk, () => void>();
  let packedText = 0;
  let packedLines = 0;
  let open: LastLine[] = [];
  let openText = 0;

  const forget = (chunk: PackedChunk): void => {
    packed.get(chunk)?.();
    packed.delete(chunk);
    packedText -= chunk.text;
    packedLines -= chunk.lines;
  };

  const pack = (): void => {
    const newest = open.at(-1);
    if (newest === undefined) return;
    const json = JSON.stringify(open.map(({ receivedAt, line }) => [receivedAt, line]));
    const chunk: PackedChunk = {
      newestAt: newest.receivedAt,
      text: openText,
      lines: open.length,
      bytes: deflateRawSync(json, { level: 1 }),
    };
    open = [];
    openText = 0;
    packedText += chunk.text;
    packedLines += chunk.lines;
    packed.set(chunk, () => undefined);
    const leave = room.enter(chunk.bytes.length, () => forget(chunk));
    if (packed.has(chunk)) packed.set(chunk, leave);
    for (const oldest of packed.keys()) {
      if (packedText <= MAX_TEXT) break;
      forget(oldest);
    }
  };

  return {
    add: (receivedAt, line) => {
      const { kept, text } = bounded(receivedAt, line);
      open.push(kept);
      openText += text;
      if (openText >= CHUNK_TEXT) pack();
    },
    tidy: (now) => {
      const first = open[0];
      if (first !== undefined && now - first.receivedAt >= CHUNK_MS) pack();
      for (const chunk of packed.keys()) {
        if (now - chunk.newestAt <= LAST_LINES_MS) break;
        forget(chunk);
      }
    },
    read: () => {
      const unpacked = [...packed.keys()].flatMap(({ bytes }) =>
        packedSchema
          .parse(JSON.parse(inflateRawSync(bytes).toString('utf8')))
          .map(([receivedAt, line]): LastLine => ({ receivedAt, line })),
      );
      return ofLastMinutes([...unpacked, ...open]);
    },
    clear: () => {
      for (const chunk of packed.keys()) forget(chunk);
      open = [];
      openText = 0;
    },
    get lines() {
      return packedLines + open.length;
    },
  };
};
