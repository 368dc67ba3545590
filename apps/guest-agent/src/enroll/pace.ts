/** When the next step is due: later after each failure, up to a ceiling, and never two at once. */
import type { Cancel, Clock, Crypto } from '../platform/platform.ts';

export interface Pace {
  /** What is due instead of whatever was. */
  after(ms: number, step: () => void): void;
  /** As `after`, in twice the time of the last one. */
  retry(step: () => void): void;
  /** The next retry is soon again. */
  calm(): void;
  stop(): void;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** Each is so much later, at most: machines that boot at once ask at different times. */
const JITTER = 0.25;
const MAX_BYTE = 255;

export const makePace = (clock: Pick<Clock, 'after'>, crypto: Pick<Crypto, 'random'>): Pace => {
  let retryMs = FIRST_RETRY_MS;
  let isStopped = false;
  let cancel: Cancel = () => undefined;

  const after: Pace['after'] = (ms, step) => {
    cancel();
    if (!isStopped) cancel = clock.after(ms, step);
  };

  return {
    after,
    retry: (step) => {
      const share = (crypto.random(1)[0] ?? 0) / MAX_BYTE;
      after(retryMs * (1 + JITTER * share), step);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    },
    calm: () => {
      retryMs = FIRST_RETRY_MS;
    },
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
};
