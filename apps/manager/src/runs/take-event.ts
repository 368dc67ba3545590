/** What an agent's event makes of the record of an execution, and what of it is stored. */
import type { RunEvent } from '@innkeeper/protocol';
import { printable } from '../pull/failure.ts';
import type { AgentEvent } from './agent/exec-events.ts';
import type { EventKind, ExecutionRecord } from './run-record.ts';

export interface Taken {
  readonly kind: Exclude<EventKind, 'run' | 'execution'>;
  readonly at: number;
  readonly data: Buffer;
}

export interface TakeOptions {
  /** How far the agent's clock is ahead of ours. */
  readonly clockOffsetMs: number;
  readonly maxOutputBytes: number;
}

type Dropped = Extract<RunEvent, { kind: 'dropped' }>;

const MAX_PHASE = 64;
const MAX_SIGNAL = 20;
/** What is no UTF-8 becomes U+FFFD, three bytes for one. */
const DECODED = 3;
/** Exit codes have 8 bits; a guest may say anything. */
const MAX_EXIT_CODE = 0x7f_ff_ff_ff;

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const mark = (at: number, fields: Pick<Dropped, 'reason' | 'count'>): Taken => ({
  kind: 'dropped',
  at,
  data: json(fields),
});

/**
 * Undefined: nothing to store besides the record. An event that was taken before is not taken again.
 */
export const takeEvent = (
  record: ExecutionRecord,
  event: AgentEvent,
  { clockOffsetMs, maxOutputBytes }: TakeOptions,
): { readonly isNew: boolean; readonly taken: Taken | undefined } => {
  const { id } = event;
  if (id !== undefined && id <= record.lastEventId) return { isNew: false, taken: undefined };
  if (id !== undefined) record.lastEventId = id;
  const at = Math.max(0, Math.round(event.data.at - clockOffsetMs));
  switch (event.name) {
    case 'started':
      record.state = 'running';
      record.startedAt ??= at;
      return { isNew: true, taken: undefined };
    case 'output': {
      const { data } = event;
      const bytes = Buffer.from(data.text);
      const room = maxOutputBytes * DECODED - record.storedBytes;
      if (bytes.length > room) {
        // The agent cuts at the limit that it was given, unless it is not one of ours.
        const isFirst = record.droppedBytes === 0;
        record.droppedBytes += bytes.length;
        return {
          isNew: true,
          taken: isFirst ? mark(at, { reason: 'limit', count: null }) : undefined,
        };
      }
      record.storedBytes += bytes.length;
      record.outputBytes += bytes.length;
      return { isNew: true, taken: { kind: data.stream, at, data: bytes } };
    }
    case 'progress': {
      const { phase, done, total } = event.data;
      record.progress = { phase: printable(phase, MAX_PHASE), done, total };
      return { isNew: true, taken: { kind: 'progress', at, data: json(record.progress) } };
    }
    case 'dropped': {
      const { reason, count } = event.data;
      return { isNew: true, taken: mark(at, { reason, count }) };
    }
    case 'exited': {
      const { data } = event;
      record.state = 'exited';
      record.startedAt ??= at;
      record.endedAt = Math.max(at, record.startedAt);
      record.exitCode =
        data.exit_code === null ? undefined : Math.min(data.exit_code, MAX_EXIT_CODE);
      record.signal = data.signal === null ? undefined : printable(data.signal, MAX_SIGNAL);
      record.timedOut = data.timed_out;
      record.durationSeconds = data.duration_seconds;
      record.outputBytes = Math.min(data.output_bytes, Number.MAX_SAFE_INTEGER);
      record.droppedBytes = Math.min(
        Math.max(record.droppedBytes, data.dropped_bytes),
        Number.MAX_SAFE_INTEGER,
      );
      record.problem = undefined;
      return { isNew: true, taken: undefined };
    }
    default: {
      const never: never = event;
      return never;
    }
  }
};
