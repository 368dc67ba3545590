/**
 * The newest round of one VM for one client: at once, and then as it changes, never more often than
 * the client takes it. What is sent is read when it is sent, so a slow client gets the newest.
 */
import type { PushLimits } from './limits.ts';

export interface ProvisionFeed {
  changed(): void;
  stop(): void;
  /** When what is under way was sent. */
  owesSince(): number | undefined;
}

/** After the database did not answer. */
const RETRY_MS = 1_000;

export const makeProvisionFeed = ({
  send,
  onError,
  limits,
  monotonicMs,
}: {
  /** False: there is nothing to send, and nothing to wait for. */
  readonly send: (received: () => void) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  readonly limits: Pick<PushLimits, 'provisionIntervalMs'>;
  readonly monotonicMs: () => number;
}): ProvisionFeed => {
  let isStale = false;
  let isSending = false;
  let isStopped = false;
  let sentAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const wait = (ms: number): void => {
    timer = setTimeout(() => {
      timer = undefined;
      flush();
    }, ms);
  };

  function flush(): void {
    if (isStopped || !isStale || isSending || sentAt !== undefined || timer !== undefined) return;
    isStale = false;
    isSending = true;
    let isReceived = false;
    const received = (): void => {
      isReceived = true;
      sentAt = undefined;
      flush();
    };
    send(received).then(
      (isSent) => {
        isSending = false;
        if (isStopped) return;
        if (isSent && !isReceived) sentAt = monotonicMs();
        wait(limits.provisionIntervalMs);
      },
      (error: unknown) => {
        isSending = false;
        onError(error);
        isStale = true;
        if (!isStopped) wait(RETRY_MS);
      },
    );
  }

  return {
    changed: () => {
      isStale = true;
      flush();
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
    owesSince: () => sentAt,
  };
};
