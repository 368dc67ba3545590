/** One client's stream of the events of an execution, from anywhere in it to its end. */
import type { ExecEventData } from '@innkeeper/protocol';
import type { HttpResponse, StreamEvents, StreamOut } from '../http/message.ts';
import { formatEvent } from '../logs/log-record.ts';
import type { Cancel, Clock } from '../platform/platform.ts';
import type { Execution } from './execution.ts';
import { makePacedWriter, type Piece } from './paced-writer.ts';

export interface EventStreamOptions {
  readonly execution: Execution;
  /** The number of the last event that the client has. */
  readonly after: number;
  readonly clock: Pick<Clock, 'after' | 'nowMs'>;
  readonly onOpen: () => void;
  readonly onClosed: () => void;
}

const HEARTBEAT_MS = 15_000;

const dropped = (at: number, count: number): string => {
  const data: ExecEventData['dropped'] = { at, reason: 'overwritten', count };
  return formatEvent('dropped', JSON.stringify(data));
};

const open = (out: StreamOut, options: EventStreamOptions): StreamEvents => {
  const { execution, after, clock } = options;
  let cancelBeat: Cancel = () => undefined;
  const reader = execution.read(after, () => writer.more());

  const next = (): Piece | undefined => {
    const missed = reader.takeMissed();
    const told = missed > 0 ? dropped(clock.nowMs(), missed) : '';
    const kept = reader.next();
    if (kept !== undefined) {
      const { name, json, number } = kept;
      return { text: told + formatEvent(name, json, String(number)), isLast: name === 'exited' };
    }
    // Who has seen the end already and asks again gets nothing more.
    const isLast = execution.isOver();
    return told === '' && !isLast ? undefined : { text: told, isLast };
  };

  const writer = makePacedWriter(out, clock, next);

  const beat = (): void => {
    if (out.pendingBytes() === 0) out.write(':\n\n');
    cancelBeat = clock.after(HEARTBEAT_MS, beat);
  };

  cancelBeat = clock.after(HEARTBEAT_MS, beat);
  writer.more();
  return {
    drained: () => writer.more(),
    // The command ends with the agent, and its end is the end of the stream.
    stopping: () => undefined,
    closed: () => {
      writer.stop();
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
