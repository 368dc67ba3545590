/**
 * Who is called when a descriptor is ready or a time has come: what `native/loop.c` calls. What is
 * watched aside has its turn after all others, in a row, and only for so long: a command that prints
 * without end must not keep a scrape waiting.
 */
import { makeTimers, type Timers } from './timers.ts';

/** Bits of epoll_ctl(2). Errors and the end of a peer are told without being asked for. */
export const READABLE = 1;
export const WRITABLE = 4;

export type Ready = (events: number) => void;

export interface EventLoop {
  readonly timers: Timers;
  /** 0 or the errno as a negative number. No events: it is not called, and not held. */
  watch(descriptor: number, events: number, ready: Ready, isAside?: boolean): number;
  /** Before the descriptor is closed, so that its number can come again. */
  forget(descriptor: number): void;
  /** How many bytes are to be read at once of what is watched aside. */
  asideBytes(): number;
}

export const MOST_BYTES = 64 * 1024;
const LEAST_BYTES = 2 * 1024;
/** What a read and all that follows from it should take, at most and at least. */
const LONG_MS = 1;
const SHORT_MS = 0.3;

interface Handler {
  readonly ready: Ready;
  readonly isAside: boolean;
}

export const startEventLoop = (): EventLoop => {
  const handlers = new Map<number, Handler>();
  /** What happened to those that are aside, in the order of their turns. */
  const waiting = new Map<number, number>();
  let asideBytes = LEAST_BYTES * 4;

  /** Text that is all escapes in JSON costs twenty times what plain text does. */
  const adapt = (tookMs: number): void => {
    if (tookMs > LONG_MS) asideBytes = Math.max(LEAST_BYTES, asideBytes / 2);
    else if (tookMs < SHORT_MS) asideBytes = Math.min(MOST_BYTES, asideBytes * 2);
  };

  const serveOne = (lastTookMs: number): boolean => {
    const [first] = waiting;
    if (first === undefined) return false;
    adapt(lastTookMs);
    const [descriptor, events] = first;
    waiting.delete(descriptor);
    handlers.get(descriptor)?.ready(events);
    return waiting.size > 0;
  };

  const timers = makeTimers(
    () => native.monotonicMs(),
    (atMs) => native.setDue(atMs),
  );
  native.handle(
    // One that an earlier event of the same turn has ended is not called any more.
    (descriptor, events) => {
      const handler = handlers.get(descriptor);
      if (handler?.isAside === true) waiting.set(descriptor, events);
      else handler?.ready(events);
    },
    () => timers.fireDue(),
    serveOne,
  );

  const forget = (descriptor: number): void => {
    waiting.delete(descriptor);
    if (handlers.delete(descriptor)) native.watch(descriptor, 0);
  };

  return {
    timers,
    watch: (descriptor, events, ready, isAside = false) => {
      if (events === 0) {
        forget(descriptor);
        return 0;
      }
      const result = native.watch(descriptor, events);
      if (result === 0) handlers.set(descriptor, { ready, isAside });
      return result;
    },
    forget,
    asideBytes: () => asideBytes,
  };
};
