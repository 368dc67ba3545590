/** One client's stream of the events of an execution, from anywhere in it to its end. */
import type { ExecEventData } from '@innkeeper/protocol';
import type { HttpResponse, StreamEvents, StreamOut } from '../http/message.ts';
import { formatEvent } from '../logs/log-record.ts';
import type { Cancel, Clock } from '../platform/platform.ts';
import type { Execution } from './execution.ts';

export interface EventStreamOptions {
  readonly execution: Execution;
  /** The number of the last event that the client has. */
  readonly after: number;
  readonly clock: Pick<Clock, 'after' | 'nowMs'>;
  readonly onOpen: () => void;
  readonly onClosed: () => void;
}

const HEARTBEAT_MS = 15_000;
/** So much may wait for the client; then it is not read on, and the command may have to wait. */
const ENOUGH_BYTES = 256 * 1024;
const WRITE_CHARACTERS = 64 * 1024;

const dropped = (at: number, count: number): string => {
  const data: ExecEventData['dropped'] = { at, reason: 'overwritten', count };
  return formatEvent('dropped', JSON.stringify(data));
};

const open = (out: StreamOut, options: EventStreamOptions): StreamEvents => {
  const { execution, after, clock } = options;
  let isEnded = false;
  let isPumpDue = false;
  let cancelBeat: Cancel = () => undefined;

  /** What comes in one go leaves in one write. */
  const onMore = (): void => {
    if (isPumpDue) return;
    isPumpDue = true;
    void Promise.resolve().then(pump);
  };

  const reader = execution.read(after, onMore);

  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    out.end();
  };

  const pump = (): void => {
    isPumpDue = false;
    let text = '';
    let isOver = false;
    while (!isEnded && !isOver && out.pendingBytes() + text.length < ENOUGH_BYTES) {
      const missed = reader.takeMissed();
      if (missed > 0) text += dropped(clock.nowMs(), missed);
      const kept = reader.next();
      if (kept === undefined) {
        // Who has seen the end already and asks again gets nothing more.
        isOver = execution.isOver();
        break;
      }
      const { event, number } = kept;
      text += formatEvent(event.name, JSON.stringify(event.data), String(number));
      isOver = event.name === 'exited';
      if (text.length >= WRITE_CHARACTERS) {
        out.write(text);
        text = '';
      }
    }
    if (text !== '') out.write(text);
    if (isOver) end();
  };

  const beat = (): void => {
    if (!isEnded && out.pendingBytes() === 0) out.write(':\n\n');
    cancelBeat = clock.after(HEARTBEAT_MS, beat);
  };

  cancelBeat = clock.after(HEARTBEAT_MS, beat);
  onMore();
  return {
    drained: onMore,
    // The command ends with the agent, and its end is the end of the stream.
    stopping: () => undefined,
    closed: () => {
      isEnded = true;
      cancelBeat();
      reader.close();
      options.onClosed();
    },
  };
};

export const eventStream = (options: EventStreamOptions): HttpResponse => ({
  status: 200,
  contentType: 'text/event-stream; charset=utf-8',
  // The head leaves at once, also where nothing has happened.
  body: ':\n\n',
  stream: (out) => {
    options.onOpen();
    return open(out, options);
  },
});
