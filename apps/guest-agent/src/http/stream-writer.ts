/**
 * Writes an answer that goes on until one side ends it. Its end is the connection's end, so it needs
 * no length. A peer that takes nothing of what waits for it within `writeMs` is cut off; who takes
 * it slowly may stay, and how much waits is for the route to limit.
 */
import type { Clock, Connection } from '../platform/platform.ts';
import type { Deadline } from './deadline.ts';
import type { HttpLimits } from './limits.ts';
import type { HttpResponse, StreamEvents, StreamOut } from './message.ts';
import { formatResponse } from './response-text.ts';

export interface StreamWriter {
  /** For a response that has a stream. */
  start(response: HttpResponse): void;
  /** The connection says that everything has been taken. */
  drained(): void;
  /** The agent stops: the route may still say so. */
  stopping(): void;
  /** Nothing can be written any more. */
  closed(): void;
  /** Since when the peer has taken nothing of what waits; undefined where nothing does. */
  stalledSince(): number | undefined;
}

export interface StreamWriterDependencies {
  readonly connection: Connection;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly limits: Pick<HttpLimits, 'writeMs'>;
  readonly deadline: Deadline;
  readonly onEnd: () => void;
  readonly onStalled: () => void;
}

export const makeStreamWriter = (dependencies: StreamWriterDependencies): StreamWriter => {
  const { connection, clock, limits, deadline, onEnd, onStalled } = dependencies;
  let events: StreamEvents | undefined;
  let isOpen = false;
  /** The route is done; what waits for the peer goes first. */
  let isEnding = false;
  let writtenBytes = 0;
  let takenBytes = 0;
  let stalledSince: number | undefined;

  const watch = (): void => {
    stalledSince = clock.monotonicMs();
    deadline.set(limits.writeMs, () => {
      const taken = writtenBytes - connection.pendingBytes();
      if (taken === takenBytes) {
        onStalled();
        return;
      }
      takenBytes = taken;
      watch();
    });
  };

  const write = (data: string): void => {
    if (!isOpen || isEnding) return;
    writtenBytes += connection.write(data);
    if (connection.pendingBytes() > 0 && stalledSince === undefined) {
      takenBytes = writtenBytes - connection.pendingBytes();
      watch();
    }
  };

  const close = (): void => {
    isOpen = false;
    deadline.clear();
  };

  const finish = (): void => {
    close();
    onEnd();
  };

  const out: StreamOut = {
    write,
    pendingBytes: () => connection.pendingBytes(),
    end: () => {
      if (!isOpen) return;
      isEnding = true;
      if (connection.pendingBytes() === 0) finish();
    },
  };

  return {
    start: (response) => {
      isOpen = true;
      deadline.clear();
      // Nothing more is expected of the peer, but that it goes must be noticed.
      connection.resume();
      const date = new Date(clock.nowMs()).toUTCString();
      write(formatResponse(response, { withBody: true, close: true, date, byteLength: undefined }));
      events = response.stream?.(out);
    },
    drained: () => {
      if (!isOpen) return;
      deadline.clear();
      stalledSince = undefined;
      if (isEnding) finish();
      else events?.drained();
    },
    stopping: () => {
      if (isOpen && !isEnding) events?.stopping();
    },
    closed: () => {
      if (isOpen) close();
      const ended = events;
      events = undefined;
      ended?.closed();
    },
    stalledSince: () => stalledSince,
  };
};
