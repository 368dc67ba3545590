/**
 * How many connections may be in the making at one time. Only new ones wait here; a guest whose
 * connection is open never does. Guests that could not be reached the last time may take half of
 * the places and stand behind the others, so that a rack of dead guests does not keep those waiting
 * that have just been started.
 */
import { dialAddress, type Dial } from './dial.ts';

interface Entry {
  readonly hasFailed: boolean;
  readonly begin: () => void;
  state: 'waiting' | 'connecting' | 'done';
}

export interface ConnectGate {
  /** Calls `begin` now or later. The answer is to be called when it is over, and gives up a wait. */
  enter(hasFailed: boolean, begin: () => void): () => void;
  readonly dial: Dial;
  /** For metrics. */
  connecting(): number;
  waiting(): number;
}

export const makeConnectGate = (limits: {
  readonly connecting: number;
  /** Left out: addresses only. */
  readonly dial?: Dial;
}): ConnectGate => {
  const failedLimit = Math.max(1, Math.floor(limits.connecting / 2));
  // At most one entry per target, so the number of targets bounds them.
  const waiting = new Set<Entry>();
  const waitingFailed = new Set<Entry>();
  let connecting = 0;
  let connectingFailed = 0;

  const hasRoom = (hasFailed: boolean): boolean =>
    connecting < limits.connecting && (!hasFailed || connectingFailed < failedLimit);

  const begin = (entry: Entry): void => {
    entry.state = 'connecting';
    connecting += 1;
    if (entry.hasFailed) connectingFailed += 1;
    entry.begin();
  };

  const admit = (): void => {
    for (const queue of [waiting, waitingFailed]) {
      for (const entry of queue) {
        if (!hasRoom(entry.hasFailed)) break;
        queue.delete(entry);
        begin(entry);
      }
    }
  };

  const leave = (entry: Entry): void => {
    const before = entry.state;
    entry.state = 'done';
    if (before === 'waiting') (entry.hasFailed ? waitingFailed : waiting).delete(entry);
    if (before !== 'connecting') return;
    connecting -= 1;
    if (entry.hasFailed) connectingFailed -= 1;
    admit();
  };

  return {
    dial: limits.dial ?? dialAddress,
    enter: (hasFailed, start) => {
      const entry: Entry = { hasFailed, begin: start, state: 'waiting' };
      if (hasRoom(hasFailed)) begin(entry);
      else (hasFailed ? waitingFailed : waiting).add(entry);
      return () => leave(entry);
    },
    connecting: () => connecting,
    waiting: () => waiting.size + waitingFailed.size,
  };
};
