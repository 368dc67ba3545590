/**
 * Writes a long text piece by piece as fast as its reader takes it: a part in each turn, so that
 * others have theirs, and no more than a little that waits.
 */
import type { StreamOut } from '../http/message.ts';
import type { Cancel, Clock } from '../platform/platform.ts';

export interface Piece {
  readonly text: string;
  /** The stream ends with it. */
  readonly isLast: boolean;
}

export interface PacedWriter {
  /** There is something to write, or room for it. What comes in one go leaves in one write. */
  more(): void;
  stop(): void;
}

/** So much may wait for the reader before the next piece is asked for. */
const ENOUGH_BYTES = 128 * 1024;
const TURN_CHARACTERS = 64 * 1024;

export const makePacedWriter = (
  out: StreamOut,
  clock: Pick<Clock, 'after'>,
  next: () => Piece | undefined,
): PacedWriter => {
  let isStopped = false;
  let isDue = false;
  let cancelTurn: Cancel = () => undefined;

  const pump = (): void => {
    isDue = false;
    let isMore = true;
    let text = '';
    while (isMore && text.length < TURN_CHARACTERS && out.pendingBytes() < ENOUGH_BYTES) {
      const piece = next();
      text += piece?.text ?? '';
      isMore = piece?.isLast === false;
      if (piece?.isLast === true) isStopped = true;
    }
    if (text !== '') out.write(text);
    if (isStopped) out.end();
    // Where enough waits already, its reader takes it first, and `more` is called then.
    if (!isMore || out.pendingBytes() >= ENOUGH_BYTES) return;
    isDue = true;
    cancelTurn = clock.after(0, pump);
  };

  return {
    more: () => {
      if (isDue || isStopped) return;
      isDue = true;
      void Promise.resolve().then(() => {
        if (!isStopped) pump();
      });
    },
    stop: () => {
      isStopped = true;
      cancelTurn();
    },
  };
};
