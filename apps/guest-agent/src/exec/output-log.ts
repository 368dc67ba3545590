/**
 * What has happened in one execution, numbered, for clients that come, go and come again. It keeps
 * the last of it up to a limit, and says how far ahead of its fastest reader the command is, so that
 * a command can be made to wait rather than lose what somebody reads.
 */
import type { ExecEventData, ExecEventName } from '@innkeeper/protocol';
import type { TextCodec } from '../platform/platform.ts';

export type ExecEvent = {
  [Name in ExecEventName]: { readonly name: Name; readonly data: ExecEventData[Name] };
}[ExecEventName];

export interface KeptEvent {
  /** From 1 on, without gaps. */
  readonly number: number;
  readonly event: ExecEvent;
  /** All that was added up to and with this event, in characters. */
  readonly end: number;
}

export interface LogReader {
  /** The next event; undefined where there is none yet. */
  next(): KeptEvent | undefined;
  /** Events before the next one that were not kept. Told once. */
  takeMissed(): number;
  close(): void;
}

export interface OutputLog {
  add(event: ExecEvent): void;
  /** From the event after this number on. `notify` is called when there is more. */
  read(after: number, notify: () => void): LogReader;
  readonly lastNumber: () => number;
  /** What the fastest reader has not read yet, in characters; 0 without readers. */
  readonly unread: () => number;
  /** What is kept, in characters. */
  readonly size: () => number;
  readonly kept: () => readonly KeptEvent[];
  /** Keeps the last event alone. */
  forget(): void;
}

/** What an event costs besides its text. */
const EVENT_COST = 100;

const sizeOf = (event: ExecEvent): number =>
  EVENT_COST + (event.name === 'output' ? event.data.text.length : 0);

/** What is kept of each output as one text, and how much of their beginning is not. */
export const keptTexts = (
  kept: readonly KeptEvent[],
  givenBytes: number,
  text: Pick<TextCodec, 'utf8Length'>,
): { readonly stdout: string; readonly stderr: string; readonly missing_bytes: number } => {
  const parts = { stdout: new Array<string>(), stderr: new Array<string>() };
  for (const { event } of kept) {
    if (event.name === 'output') parts[event.data.stream].push(event.data.text);
  }
  const [stdout, stderr] = [parts.stdout.join(''), parts.stderr.join('')];
  const keptBytes = text.utf8Length(stdout) + text.utf8Length(stderr);
  return { stdout, stderr, missing_bytes: Math.max(0, givenBytes - keptBytes) };
};

/** `onChange` is called after each event that is added or read. */
export const makeOutputLog = (limit: number, onChange: () => void): OutputLog => {
  let kept: KeptEvent[] = [];
  /** Events before this index are gone; cut off now and then, because shifting costs each time. */
  let start = 0;
  let size = 0;
  let total = 0;
  let lastNumber = 0;
  const readers = new Set<{ next: number; readUpTo: number; notify: () => void }>();

  const firstNumber = (): number => kept[start]?.number ?? lastNumber + 1;

  const makeRoom = (): void => {
    while (size > limit && kept.length - start > 1) {
      const oldest = kept[start];
      if (oldest !== undefined) size -= sizeOf(oldest.event);
      start += 1;
    }
    // By halves: each event is moved once at most, and no more than as much again stays behind.
    if (start > kept.length / 2) {
      kept = kept.slice(start);
      start = 0;
    }
  };

  return {
    add: (event) => {
      lastNumber += 1;
      const cost = sizeOf(event);
      total += cost;
      size += cost;
      kept.push({ number: lastNumber, event, end: total });
      makeRoom();
      for (const reader of readers) reader.notify();
      onChange();
    },
    read: (after, notify) => {
      const from = Math.min(after, lastNumber);
      const before = kept.find(({ number }, at) => at >= start && number > from);
      const readUpTo = before === undefined ? total : before.end - sizeOf(before.event);
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
    kept: () => kept.slice(start),
    forget: () => {
      kept = kept.slice(-1);
      start = 0;
      size = kept.reduce((sum, { event }) => sum + sizeOf(event), 0);
    },
  };
};
