/** The time, as a signal that moves each second while the page is looked at: for ages that tick. */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Ticker {
  readonly now: ReadonlySignal<number>;
  stop(): void;
}

const STEP_MS = 1_000;

export const makeTicker = (document: Document, clock: () => number): Ticker => {
  const now = signal(clock());
  const move = (): void => {
    if (!document.hidden) now.value = clock();
  };
  const timer = setInterval(move, STEP_MS);
  document.addEventListener('visibilitychange', move);
  return {
    now,
    stop: () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', move);
    },
  };
};
