/** Who is called when a descriptor is ready or a time has come: what `native/loop.c` calls. */
import { makeTimers, type Timers } from './timers.ts';

/** Bits of epoll_ctl(2). Errors and the end of a peer are told without being asked for. */
export const READABLE = 1;
export const WRITABLE = 4;

export type Ready = (events: number) => void;

export interface EventLoop {
  readonly timers: Timers;
  /** 0 or the errno as a negative number. No events: it is not called, and not held. */
  watch(descriptor: number, events: number, ready: Ready): number;
  /** Before the descriptor is closed, so that its number can come again. */
  forget(descriptor: number): void;
}

export const startEventLoop = (): EventLoop => {
  const handlers = new Map<number, Ready>();
  const timers = makeTimers(
    () => native.monotonicMs(),
    (atMs) => native.setDue(atMs),
  );
  native.handle(
    // One that an earlier event of the same turn has ended is not called any more.
    (descriptor, events) => handlers.get(descriptor)?.(events),
    () => timers.fireDue(),
  );

  const forget = (descriptor: number): void => {
    if (handlers.delete(descriptor)) native.watch(descriptor, 0);
  };

  return {
    timers,
    watch: (descriptor, events, ready) => {
      if (events === 0) {
        forget(descriptor);
        return 0;
      }
      const result = native.watch(descriptor, events);
      if (result === 0) handlers.set(descriptor, ready);
      return result;
    },
    forget,
  };
};
