/**
 * One VM's readings for one client: at most two that the client has not acknowledged, and behind
 * them only the newest. A client that is slow sees fewer readings, never old ones.
 */
import type { Reading } from '@innkeeper/protocol';

export interface VmFeed {
  offer(reading: Reading): void;
  /** Nothing more is sent; what is under way may still be acknowledged. */
  pause(): void;
  resume(): void;
  isPaused(): boolean;
  /** Nothing is under way. */
  isIdle(): boolean;
  /** When the oldest that is under way was sent. */
  owesSince(): number | undefined;
}

const MAX_UNDER_WAY = 2;

export const makeVmFeed = ({
  send,
  monotonicMs,
  onReplaced,
  onIdle,
}: {
  readonly send: (reading: Reading, received: () => void) => void;
  readonly monotonicMs: () => number;
  readonly onReplaced: () => void;
  readonly onIdle: () => void;
}): VmFeed => {
  /** In the order of sending; a client may acknowledge in another. */
  const underWay = new Set<{ readonly sentAt: number }>();
  let waiting: Reading | undefined;
  let isPaused = false;

  const sendNow = (reading: Reading): void => {
    const sent = { sentAt: monotonicMs() };
    underWay.add(sent);
    send(reading, () => {
      if (!underWay.delete(sent)) return;
      if (waiting !== undefined) {
        const next = waiting;
        waiting = undefined;
        sendNow(next);
      }
      if (underWay.size === 0) onIdle();
    });
  };

  return {
    offer(reading) {
      if (isPaused) return;
      if (underWay.size < MAX_UNDER_WAY) {
        sendNow(reading);
        return;
      }
      if (waiting !== undefined) onReplaced();
      waiting = reading;
    },
    pause() {
      isPaused = true;
      waiting = undefined;
    },
    resume() {
      isPaused = false;
    },
    isPaused: () => isPaused,
    isIdle: () => underWay.size === 0,
    owesSince: () => underWay.values().next().value?.sentAt,
  };
};
