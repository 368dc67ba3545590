/** The batches of one subscription that its client has not acknowledged yet. */
import type { LogWindow } from './log-window.ts';

export interface UnderWay {
  hasRoom(): boolean;
  /** The answer is to be called when it was acknowledged. */
  begin(bytes: number): () => void;
  /** When the oldest was sent. */
  since(): number | undefined;
  /** The subscription has ended: a page that was left answers no more, and owes nothing. */
  end(): void;
}

const MAX_UNDER_WAY = 2;

export const makeUnderWay = (
  window: Pick<LogWindow, 'take'>,
  monotonicMs: () => number,
  onRoom: () => void,
): UnderWay => {
  const batches = new Set<{ readonly sentAt: number; readonly giveBack: () => void }>();
  return {
    hasRoom: () => batches.size < MAX_UNDER_WAY,
    begin: (bytes) => {
      const batch = { sentAt: monotonicMs(), giveBack: window.take(bytes) };
      batches.add(batch);
      return () => {
        if (!batches.delete(batch)) return;
        batch.giveBack();
        onRoom();
      };
    },
    end: () => {
      for (const { giveBack } of batches) giveBack();
      batches.clear();
    },
    since: () => batches.values().next().value?.sentAt,
  };
};
