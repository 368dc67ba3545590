/**
 * Changes of what is seen, all in one animation frame: what happens at about the same time is laid
 * out and painted once. A hidden page has no frames, and so does nothing.
 */
import { batch } from '@preact/signals';

export interface Frames {
  /** Once in the next frame, or still in the one that is running, however often it is asked for. */
  request(work: () => void): void;
  cancel(work: () => void): void;
}

/** What work asks for while it runs is done too, but not for ever. */
const MOST_ROUNDS = 4;

export const makeFrames = (window: Pick<Window, 'requestAnimationFrame'>): Frames => {
  const waiting = new Set<() => void>();
  let isAwaited = false;

  const awaitFrame = (): void => {
    if (isAwaited || waiting.size === 0) return;
    isAwaited = true;
    window.requestAnimationFrame(run);
  };
  const runRound = (): void => {
    const round = [...waiting];
    waiting.clear();
    batch(() => {
      for (const work of round) work();
    });
  };
  const run = (): void => {
    try {
      for (let rounds = 0; rounds < MOST_ROUNDS && waiting.size > 0; rounds += 1) runRound();
    } finally {
      isAwaited = false;
      awaitFrame();
    }
  };

  return {
    request: (work) => {
      waiting.add(work);
      awaitFrame();
    },
    cancel: (work) => {
      waiting.delete(work);
    },
  };
};
