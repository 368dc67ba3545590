/**
 * What has happened in one execution, numbered, for clients that come, go and come again. It keeps
 * the last of it up to a limit, and says how far ahead of its fastest reader the command is, so that
 * a command can be made to wait rather than lose what somebody reads.
 */
import {
  addEvent,
  clearEvent,
  costAt,
  countOf,
  eventAt,
  eventsFrom,
  type ExecEvent,
  type KeptEvents,
  type NumberedEvent,
} from './kept-events.ts';

export interface LogReader {
  /** The next event; undefined where there is none yet. */
  next(): NumberedEvent | undefined;
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
  readonly kept: () => KeptEvents;
}

/** `onChange` is called after each event that is added or read; the limit may be another each time. */
export const makeOutputLog = (limit: () => number, onChange: () => void): OutputLog => {
  let kept = { words: new Array<string>(), numbers: new Array<number>() };
  /** Before this index nothing is kept; cut off now and then, because shifting costs each time. */
  let start = 0;
  let size = 0;
  let total = 0;
  let lastNumber = 0;
  const readers = new Set<{ next: number; readUpTo: number; notify: () => void }>();

  const firstNumber = (): number => lastNumber + 1 - (countOf(kept) - start);

  const makeRoom = (): void => {
    const most = limit();
    while (size > most && countOf(kept) - start > 1) {
      size -= costAt(kept, start);
      clearEvent(kept, start);
      start += 1;
    }
    // By halves: each event is moved once at most.
    if (start > countOf(kept) / 2) {
      kept = eventsFrom(kept, start);
      start = 0;
    }
  };

  /** All that was added before the first event after this number. */
  const costUpTo = (number: number): number => {
    let cost = total - size;
    for (let next = firstNumber(); next <= number; next += 1) {
      cost += costAt(kept, start + next - firstNumber());
    }
    return cost;
  };

  return {
    add: (event, textBytes = 0) => {
      lastNumber += 1;
      addEvent(kept, event, textBytes);
      const cost = costAt(kept, countOf(kept) - 1);
      total += cost;
      size += cost;
      makeRoom();
      for (const reader of readers) reader.notify();
      onChange();
    },
    read: (after, notify) => {
      const from = Math.min(after, lastNumber);
      const reader = { next: from + 1, readUpTo: costUpTo(from), notify };
      readers.add(reader);
      return {
        next: () => {
          const { next } = reader;
          if (next < firstNumber() || next > lastNumber) return undefined;
          const index = start + next - firstNumber();
          // Those before it may have gone unread.
          if (next === firstNumber()) reader.readUpTo = total - size;
          reader.readUpTo += costAt(kept, index);
          reader.next += 1;
          onChange();
          return eventAt(kept, index, next);
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
    kept: () => eventsFrom(kept, start),
  };
};
