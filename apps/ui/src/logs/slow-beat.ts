/**
 * Moves along with what is drawn, but only a few times a second: for counts that nobody reads faster.
 * In the same frame as the lines, so that the page is painted once for both.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Frames } from '../state/frames.ts';

export interface SlowBeat {
  readonly count: ReadonlySignal<number>;
  /**
   * In a frame in which something was drawn.
   * @param isUrgent it is not to be kept waiting: the first lines, for instance
   */
  drawn(isUrgent?: boolean): void;
  stop(): void;
}

const EVERY_MS = 250;

export const makeSlowBeat = (
  frames: Pick<Frames, 'request' | 'cancel'>,
  now: () => number,
): SlowBeat => {
  const count = signal(0);
  let movedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const move = (): void => {
    clearTimeout(timer);
    timer = undefined;
    movedAt = now();
    count.value += 1;
  };
  return {
    count,
    drawn: (isUrgent = false) => {
      if (isUrgent || Math.abs(now() - movedAt) >= EVERY_MS) move();
      // The last of them is told too.
      else timer ??= setTimeout(() => frames.request(move), EVERY_MS);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      frames.cancel(move);
    },
  };
};
