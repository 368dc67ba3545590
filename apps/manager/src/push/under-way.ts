/** The batches of one subscription that its client has not acknowledged yet. */
import type { LogWindow } from './log-window.ts';

export interface UnderWay {
  hasRoom(): boolean;
  /** The answer is to be called when it was acknowledged. */
  begin(bytes: number): () => void;
  /** When the oldest was sent. */
  since(): number | undefined;
}

const MAX_UNDER_WAY = 2;

export const makeUnderWay = (
  window: Pick<LogWindow, 'take'>,
  monotonicMs: () => number,
  onRoom: () => void,
): UnderWay => {
  const batches = new Set<{ readonly sentAt: number }>();
  return {
    hasRoom: () => batches.size < MAX_UNDER_WAY,
    begin: (bytes) => {
      const batch = { sentAt: monotonicMs() };
      const giveBack = window.take(bytes);
      batches.add(batch);
      return () => {
        if (!batches.delete(batch)) return;
        giveBack();
        onRoom();
      };
    },
    since: () => batches.values().next().value?.sentAt,
  };
};
