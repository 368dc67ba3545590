/**
 * The time, as a signal for ages that tick. It moves with what comes from the manager each second, in
 * the same frame, so that a page is painted once for both; and by itself while nothing comes.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Frames } from './frames.ts';

export interface Ticker {
  readonly now: ReadonlySignal<number>;
  /** Shows something new, and the time with it. Not while the page is hidden. */
  beat(show: () => void): void;
  stop(): void;
}

export interface TickerDependencies {
  readonly document: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
  readonly clock: () => number;
  readonly frames: Pick<Frames, 'request'>;
}

const STEP_MS = 1_000;
/** A beat may come a little late. */
const PATIENCE_MS = 1_200;

export const makeTicker = ({ document, clock, frames }: TickerDependencies): Ticker => {
  const now = signal(clock());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  const wait = (ms: number): void => {
    clearTimeout(timer);
    timer = isStopped ? undefined : setTimeout(onSilence, ms);
  };
  const move = (): void => {
    now.value = clock();
  };
  const onSilence = (): void => {
    if (!document.hidden) frames.request(move);
    wait(STEP_MS);
  };
  const onVisibility = (): void => {
    if (!document.hidden) move();
  };
  wait(STEP_MS);
  document.addEventListener('visibilitychange', onVisibility);
  return {
    now,
    beat: (show) => {
      frames.request(show);
      frames.request(move);
      wait(PATIENCE_MS);
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    },
  };
};
