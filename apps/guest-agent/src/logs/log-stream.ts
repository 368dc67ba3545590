/**
 * One client's stream of events. What is kept is read as fast as the client takes it, and no faster.
 * What comes live waits for it up to a limit; then it is left out, counted, and told.
 */
import type { LogDropped, LogEnd } from '@innkeeper/protocol';
import type { StreamEvents, StreamOut } from '../http/message.ts';
import type { Cancel, Clock } from '../platform/platform.ts';
import { formatEvent } from './log-record.ts';
import type { LogReader, LogSink } from './log-source.ts';

export interface LogStream {
  /** What the reader is opened with; nothing is sent before `start`. */
  readonly sink: LogSink;
  start(reader: LogReader, out: StreamOut): StreamEvents;
}

export interface LogStreamOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** So much may wait of what comes live. */
  readonly mayWaitBytes: () => number;
  /** Nothing of the stream is left. */
  readonly onClosed: () => void;
}

const HEARTBEAT_MS = 15_000;
/** So much of what is kept may wait for the client; then it is not read on. */
const ENOUGH_BYTES = 128 * 1024;
/** Written at once, so that one slow write is not the measure of a client. */
const WRITE_BYTES = 32 * 1024;

const dropped = (count: number | undefined, reason: LogDropped['reason']): string => {
  const data: LogDropped = { count: count ?? null, reason };
  return formatEvent('dropped', JSON.stringify(data));
};

export const makeLogStream = ({ clock, mayWaitBytes, onClosed }: LogStreamOptions): LogStream => {
  let out: StreamOut | undefined;
  let reader: LogReader | undefined;
  let isLive = false;
  let isEnded = false;
  let isFlushDue = false;
  let waiting = '';
  let slowCount = 0;
  let cancelPump: Cancel = () => undefined;
  let cancelBeat: Cancel = () => undefined;

  const flush = (): void => {
    isFlushDue = false;
    if (out === undefined || waiting === '') return;
    const text = waiting;
    waiting = '';
    out.write(text);
  };

  const write = (event: string): void => {
    if (isEnded) return;
    waiting += event;
    if (waiting.length >= WRITE_BYTES) flush();
    else if (!isFlushDue) {
      // All that comes in one go leaves in one write.
      isFlushDue = true;
      void Promise.resolve().then(flush);
    }
  };

  const end = (data: LogEnd): void => {
    if (isEnded) return;
    if (slowCount > 0) write(dropped(slowCount, 'slow'));
    slowCount = 0;
    write(formatEvent('end', JSON.stringify(data)));
    flush();
    isEnded = true;
    out?.end();
  };

  const sink: LogSink = {
    record: (record) => {
      const isFull = isLive && (out?.pendingBytes() ?? 0) + waiting.length > mayWaitBytes();
      // Once it is too slow it has to catch up first, or every other line would be missing.
      if (slowCount > 0 || isFull) slowCount += 1;
      else write(record.toEvent());
    },
    missed: (count, reason) => write(dropped(count, reason)),
    done: () => end({ reason: 'complete' }),
    failed: (message) => end({ reason: 'failed', message }),
  };

  const pump = (): void => {
    if (isEnded || isLive || (out?.pendingBytes() ?? 0) > ENOUGH_BYTES) return;
    const state = reader?.advance() ?? 'done';
    flush();
    if (state === 'more') cancelPump = clock.after(0, pump);
    else if (state === 'done') end({ reason: 'complete' });
    else isLive = true;
  };

  const beat = (): void => {
    if (!isEnded && out?.pendingBytes() === 0) out.write(':\n\n');
    cancelBeat = clock.after(HEARTBEAT_MS, beat);
  };

  return {
    sink,
    start: (given, to) => {
      out = to;
      reader = given;
      flush();
      cancelPump = clock.after(0, pump);
      cancelBeat = clock.after(HEARTBEAT_MS, beat);
      return {
        drained: () => {
          if (slowCount > 0) write(dropped(slowCount, 'slow'));
          slowCount = 0;
          cancelPump();
          cancelPump = clock.after(0, pump);
        },
        stopping: () => {
          // Of a machine that shuts down these are the last lines that anybody sees.
          if (isLive && !isEnded) reader?.catchUp?.();
          end({ reason: 'stopping' });
        },
        closed: () => {
          isEnded = true;
          cancelPump();
          cancelBeat();
          given.close();
          onClosed();
        },
      };
    },
  };
};
