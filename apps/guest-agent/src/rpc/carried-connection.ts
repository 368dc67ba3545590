/**
 * One connection to the agent's HTTP server whose bytes go to and fro in messages. To the server it is
 * a connection like any other, of a peer that is as much to be trusted as one on the unix socket.
 */
import type { Connection, ConnectionEvents, TextCodec } from '../platform/platform.ts';
import { makeByteQueue } from './byte-queue.ts';

export interface Received {
  readonly bytes: Uint8Array;
  /** The server has closed it, and this was the last. */
  readonly ended: boolean;
}

export interface CarriedConnection {
  /** Settles when the server has taken it; false: the connection is over. */
  send(bytes: Uint8Array): Promise<boolean>;
  /** What there is, if anything; an earlier one that still waits gets nothing. */
  receive(onReceived: (received: Received) => void): void;
  /** Whoever waits gets nothing. */
  stopWaiting(): void;
  /** The other end is gone. */
  close(): void;
}

export interface CarriedDependencies {
  readonly accept: (connection: Connection) => ConnectionEvents;
  readonly text: Pick<TextCodec, 'encodeUtf8'>;
  readonly maxBytes: number;
  /** Nothing will ever come of it any more. */
  readonly onOver: () => void;
}

const NOTHING = new Uint8Array();

export const openCarried = (dependencies: CarriedDependencies): CarriedConnection => {
  const { accept, text, maxBytes, onOver } = dependencies;
  const outbox = makeByteQueue();
  let inbox: { readonly bytes: Uint8Array; readonly done: (taken: boolean) => void } | undefined;
  let waiting: ((received: Received) => void) | undefined;
  let isPaused = false;
  /** The server will write nothing more. */
  let hasEnded = false;
  let isClosed = false;
  let isFlushing = false;

  /** Soon, and never from within a call of the server: it comes last. */
  const later = (what: () => void): void => void Promise.resolve().then(what);

  const flush = (): void => {
    isFlushing = false;
    const receiver = waiting;
    if (receiver === undefined) return;
    const isOver = isClosed || hasEnded;
    if (outbox.length() === 0 && !isOver) return;
    waiting = undefined;
    const bytes = outbox.take(maxBytes);
    const ended = isOver && outbox.length() === 0;
    receiver({ bytes, ended });
    if (ended) finish();
    else if (bytes.length > 0 && outbox.length() === 0 && !isClosed) events.drained();
  };

  /** Once for all that is written now: the head of an answer goes with its body. */
  const flushSoon = (): void => {
    if (isFlushing) return;
    isFlushing = true;
    later(flush);
  };

  const finish = (): void => {
    if (isClosed) return;
    isClosed = true;
    inbox?.done(false);
    inbox = undefined;
    flushSoon();
    later(() => {
      onOver();
      events.closed();
    });
  };

  const deliver = (): void => {
    if (inbox === undefined || isPaused || isClosed) return;
    const { bytes, done } = inbox;
    inbox = undefined;
    done(true);
    events.data(bytes);
  };

  const events = accept({
    peer: { kind: 'unix' },
    encrypted: () => false,
    write: (data) => {
      const bytes = typeof data === 'string' ? text.encodeUtf8(data) : data;
      if (isClosed || hasEnded) return bytes.length;
      outbox.add(bytes);
      flushSoon();
      return bytes.length;
    },
    pendingBytes: () => outbox.length(),
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      later(deliver);
    },
    end: () => {
      hasEnded = true;
      flushSoon();
    },
    destroy: () => {
      outbox.clear();
      finish();
    },
  });

  return {
    send: async (bytes) =>
      new Promise((resolve) => {
        // One at a time: whoever sends waits for the answer.
        if (isClosed || inbox !== undefined) {
          resolve(false);
          return;
        }
        inbox = { bytes, done: resolve };
        deliver();
      }),
    receive: (onReceived) => {
      waiting?.({ bytes: NOTHING, ended: false });
      waiting = onReceived;
      flush();
    },
    stopWaiting: () => {
      const receiver = waiting;
      waiting = undefined;
      receiver?.({ bytes: NOTHING, ended: false });
    },
    close: () => {
      outbox.clear();
      finish();
    },
  };
};
