/** Reads a source as a client does, and keeps what it gives. */
import { logEventSchema, type LogDropped, type LogEvent } from '@innkeeper/protocol';
import type { LogQuery, LogSource, OpenedLog } from '../logs/log-source.ts';

export interface CollectedLog {
  readonly events: LogEvent[];
  readonly missed: (readonly [number | undefined, LogDropped['reason']])[];
  readonly refused: Extract<OpenedLog, { ok: false }> | undefined;
  readonly messages: () => readonly string[];
  readonly state: () => 'live' | 'done' | 'failed';
  readonly catchUp: () => void;
  readonly close: () => void;
}

const eventOf = (text: string): LogEvent => {
  const data = /^data: (.*)$/mu.exec(text)?.[1] ?? '';
  const event = logEventSchema.parse(JSON.parse(data));
  if (!text.startsWith(`id: ${event.cursor}\n`)) throw new Error(`another id: ${text}`);
  return event;
};

/** Reads on until it is live or done. */
export const collectLog = (source: LogSource, query: Partial<LogQuery> = {}): CollectedLog => {
  const events: LogEvent[] = [];
  const missed: (readonly [number | undefined, LogDropped['reason']])[] = [];
  let state: ReturnType<CollectedLog['state']> = 'live';
  const opened = source.open(
    {
      follow: false,
      tail: 1000,
      sinceMs: undefined,
      untilMs: undefined,
      after: undefined,
      paceMs: undefined,
      matches: () => true,
      ...query,
    },
    {
      record: (record) => events.push(eventOf(record.toEvent())),
      missed: (count, reason) => missed.push([count, reason]),
      done: () => {
        state = 'done';
      },
      failed: () => {
        state = 'failed';
      },
    },
  );
  if (opened.ok) {
    let step = opened.reader.advance();
    for (let count = 0; step === 'more' && count < 1_000_000; count += 1) {
      step = opened.reader.advance();
    }
    if (step === 'done') state = 'done';
  }
  return {
    events,
    missed,
    refused: opened.ok ? undefined : opened,
    messages: () => events.map(({ message }) => message),
    state: () => state,
    catchUp: () => {
      if (opened.ok) opened.reader.catchUp?.();
    },
    close: () => {
      if (opened.ok) opened.reader.close();
    },
  };
};
