/**
 * How much of logs is under way to one connection, over all of its subscriptions: who watches fifty
 * VMs and does not read holds no more than who watches one.
 */

export interface LogWindow {
  hasRoom(): boolean;
  /** The answer gives it back, once. */
  take(bytes: number): () => void;
  /** Called back when there is room again, unless it was withdrawn. */
  wait(feed: () => void): void;
  withdraw(feed: () => void): void;
}

export const makeLogWindow = (maxBytes: number): LogWindow => {
  const waiting = new Set<() => void>();
  let bytes = 0;

  const wake = (): void => {
    for (const feed of waiting) {
      if (bytes >= maxBytes) return;
      waiting.delete(feed);
      feed();
    }
  };

  return {
    hasRoom: () => bytes < maxBytes,
    take: (taken) => {
      bytes += taken;
      let isBack = false;
      return () => {
        if (isBack) return;
        isBack = true;
        bytes -= taken;
        wake();
      };
    },
    wait: (feed) => waiting.add(feed),
    withdraw: (feed) => waiting.delete(feed),
  };
};
