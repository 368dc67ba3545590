/**
 * The pipes of a running command: stopped while its readers have too much to read, and let go of
 * where a process that it has left behind holds them open after its end.
 */
import type { Cancel, ChildProcess, Clock } from '../platform/platform.ts';

export interface OutputHold {
  attach(child: ChildProcess): void;
  /** What the fastest reader has still to read. */
  balance(unread: number): void;
  /** The command has ended; its pipes may be held for so long. */
  ended(waitMs: number): void;
  /** The pipes have ended. */
  over(): void;
  /** They had to be let go of. */
  wasHeld(): boolean;
}

export const makeOutputHold = (
  clock: Pick<Clock, 'after'>,
  limits: () => { readonly pauseAt: number; readonly resumeAt: number },
): OutputHold => {
  let child: ChildProcess | undefined;
  let isPaused = false;
  let isOver = false;
  let wasHeld = false;
  let heldMs: number | undefined;
  let cancel: Cancel = () => undefined;

  const wait = (): void => {
    cancel();
    // While a reader is awaited, the output is there and just not read yet.
    if (heldMs === undefined || isPaused || isOver) return;
    cancel = clock.after(heldMs, () => {
      wasHeld = true;
      child?.closeOutput();
    });
  };

  return {
    attach: (given) => {
      child = given;
    },
    balance: (unread) => {
      if (isOver) return;
      const { pauseAt, resumeAt } = limits();
      if (!isPaused && unread > pauseAt) {
        isPaused = true;
        child?.pauseOutput();
        wait();
      } else if (isPaused && unread < resumeAt) {
        isPaused = false;
        child?.resumeOutput();
        wait();
      }
    },
    ended: (waitMs) => {
      heldMs = waitMs;
      wait();
    },
    over: () => {
      isOver = true;
      cancel();
    },
    wasHeld: () => wasHeld,
  };
};
