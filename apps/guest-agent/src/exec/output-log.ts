/**
 * What has happened in one execution, numbered, for clients that come, go and come again. It keeps
 * the last of it up to a limit, and says how far ahead of its fastest reader the command is, so that
 * a command can be made to wait rather than lose what somebody reads.
 */
import type { ExecEventData, ExecEventName } from '@innkeeper/protocol';

export type ExecEvent = {
  [Name in ExecEventName]: { readonly name: Name; readonly data: ExecEventData[Name] };
}[ExecEventName];

export interface KeptEvent {
  /** From 1 on, without gaps. */
  readonly number: number;
  readonly event: ExecEvent;
  /** All that was added up to and with this event, in bytes of memory. */
  readonly end: number;
  /** Of its output as UTF-8. */
  readonly textBytes: number;
}

export interface LogReader {
  /** The next event; undefined where there is none yet. */
  next(): KeptEvent | undefined;
  /** Events before the next one that were not kept. Told once. */
  takeMissed(): number;
  close(): void;
}

export interface OutputLog {
  /** `textBytes` are those of an output as UTF-8. */
  add(event: ExecEvent, textBytes?: number): void;
  /** From the event after this number on. `notify` is called when there is more. */
  read(after: number, notify: () => void): LogReader;
  readonly lastNumber: () => number;
  /** What the fastest reader has not read yet, in bytes of memory; 0 without readers. */
  readonly unread: () => number;
  /** What is kept, in bytes of memory. */
  readonly size: () => number;
  readonly kept: () => readonly KeptEvent[];
}

/** What an event costs besides its text. */
const EVENT_COST = 100;

/** An engine has text of ASCII in a byte a character, and other text in two. */
const sizeOf = (event: ExecEvent, textBytes: number): number => {
  if (event.name !== 'output') return EVENT_COST;
  const { length } = event.data.text;
  return EVENT_COST + (textBytes === length ? length : 2 * length);
};

export const sizeOfKept = (kept: readonly KeptEvent[]): number =>
  kept.reduce((sum, { event, textBytes }) => sum + sizeOf(event, textBytes), 0);

/** What is kept of each output, and how much of their beginning is not. */
export interface KeptTexts {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly missingBytes: number;
}

export const keptTexts = (kept: readonly KeptEvent[], givenBytes: number): KeptTexts => {
  const parts = { stdout: new Array<string>(), stderr: new Array<string>() };
  let keptBytes = 0;
  for (const { event, textBytes } of kept) {
    if (event.name === 'output') parts[event.data.stream].push(event.data.text);
    keptBytes += textBytes;
  }
  return { ...parts, missingBytes: Math.max(0, givenBytes - keptBytes) };
};

/** `onChange` is called after each event that is added or read; the limit may be another each time. */
export const makeOutputLog = (limit: () => number, onChange: () => void): OutputLog => {
  let kept: (KeptEvent | undefined)[] = [];
  /** Before this index nothing is kept; cut off now and then, because shifting costs each time. */
  let start = 0;
  let size = 0;
  let total = 0;
  let lastNumber = 0;
  const readers = new Set<{ next: number; readUpTo: number; notify: () => void }>();

  const firstNumber = (): number => kept[start]?.number ?? lastNumber + 1;

  const makeRoom = (): void => {
    const most = limit();
    while (size > most && kept.length - start > 1) {
      const oldest = kept[start];
      if (oldest !== undefined) size -= sizeOf(oldest.event, oldest.textBytes);
      kept[start] = undefined;
      start += 1;
    }
    // By halves: each event is moved once at most.
    if (start > kept.length / 2) {
      kept = kept.slice(start);
      start = 0;
    }
  };

  return {
    add: (event, textBytes = 0) => {
      lastNumber += 1;
      const cost = sizeOf(event, textBytes);
      total += cost;
      size += cost;
      kept.push({ number: lastNumber, event, end: total, textBytes });
      makeRoom();
      for (const reader of readers) reader.notify();
      onChange();
    },
    read: (after, notify) => {
      const from = Math.min(after, lastNumber);
      const before = kept.find((event) => event !== undefined && event.number > from);
      const readUpTo =
        before === undefined ? total : before.end - sizeOf(before.event, before.textBytes);
      const reader = { next: from + 1, readUpTo, notify };
      readers.add(reader);
      return {
        next: () => {
          const found = kept[start + reader.next - firstNumber()];
          if (found === undefined || reader.next < firstNumber()) return undefined;
          reader.next += 1;
          reader.readUpTo = found.end;
          onChange();
          return found;
        },
        takeMissed: () => {
          const missed = firstNumber() - reader.next;
          if (missed <= 0) return 0;
          reader.next += missed;
          return missed;
        },
        close: () => {
          readers.delete(reader);
          onChange();
        },
      };
    },
    lastNumber: () => lastNumber,
    unread: () => {
      if (readers.size === 0) return 0;
      return total - Math.max(...[...readers].map(({ readUpTo }) => readUpTo));
    },
    size: () => size,
    kept: () => kept.filter((event) => event !== undefined),
  };
};
