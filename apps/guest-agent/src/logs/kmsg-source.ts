/** The kernel's log. The kernel keeps it in a ring and counts its records, so a cursor is exact. */
import type { Cancel, Clock, Files, Pipe, TextCodec } from '../platform/platform.ts';
import { parseKmsgLine, type KmsgLine } from './kmsg-line.ts';
import { levelOf, makeSimpleRecord, type LogRecord } from './log-record.ts';
import type { LogQuery, LogReader, LogSink, LogSource } from './log-source.ts';

export interface KmsgDependencies {
  readonly files: Pick<Files, 'openPipe'>;
  readonly text: TextCodec;
  readonly clock: Pick<Clock, 'after' | 'nowMs'>;
  readonly bootId: string | undefined;
  /** Undefined where it cannot be read. */
  readonly uptimeSeconds: () => number | undefined;
}

const PATH = '/dev/kmsg';
const POLL_MS = 50;
const SLICE = 500;
const CURSOR = /^k=([\da-f-]{1,40});n=(\d{1,15})$/u;

interface Counted {
  readonly record: LogRecord;
  readonly sequence: number;
}

const makeKmsgReader = (
  { clock, text, bootId = '0', uptimeSeconds }: KmsgDependencies,
  pipe: Pipe,
  query: LogQuery,
  sink: LogSink,
): LogReader => {
  const [, ofBoot, number] = CURSOR.exec(query.after ?? '') ?? [];
  const after = ofBoot === bootId ? Number(number) : -1;
  const bootedAtMs = clock.nowMs() - (uptimeSeconds() ?? 0) * 1000;
  let last = after;
  let waiting: Counted[] = [];
  const { paceMs = POLL_MS } = query;
  let cancel: Cancel = () => undefined;
  if (query.after !== undefined && ofBoot !== bootId) sink.missed(undefined, 'overwritten');

  const recordOf = (line: KmsgLine): LogRecord => {
    const event = {
      timestamp: Math.max(0, Math.floor(bootedAtMs + line.timeUs / 1000)),
      level: levelOf(line.priority),
      target: line.fields['SUBSYSTEM'] ?? 'kernel',
      message: line.message,
      fields: { ...line.fields, PRIORITY: String(line.priority), FACILITY: String(line.facility) },
      cursor: `k=${bootId};n=${line.sequence}`,
    };
    return makeSimpleRecord(event, line.priority);
  };

  const isWanted = (record: LogRecord): boolean => {
    const timeMs = record.timeMs ?? 0;
    const isInTime = timeMs >= (query.sinceMs ?? 0) && timeMs <= (query.untilMs ?? Infinity);
    return isInTime && query.matches(record);
  };

  /** False: there is no more now. */
  const readOne = (give: (item: Counted) => void): boolean => {
    const read = pipe.read();
    // EPIPE: records were overwritten before they were read; the next read goes on behind them.
    if (read.kind === 'error' && read.error.code === 'EPIPE') return true;
    if (read.kind !== 'data') return false;
    const line = parseKmsgLine(text.decodeUtf8(read.bytes), (bytes) => text.decodeUtf8(bytes));
    if (line === undefined || line.sequence <= after) return true;
    if (last >= 0 && line.sequence > last + 1) sink.missed(line.sequence - last - 1, 'overwritten');
    last = line.sequence;
    const record = recordOf(line);
    if (isWanted(record)) give({ record, sequence: line.sequence });
    return true;
  };

  const keep = (item: Counted): void => {
    waiting.push(item);
    if (query.tail !== undefined && waiting.length > query.tail) waiting.shift();
  };

  const poll = (): void => {
    for (let count = 0; count < SLICE && readOne(({ record }) => sink.record(record));) count += 1;
    cancel = clock.after(paceMs, poll);
  };

  return {
    advance: () => {
      for (let count = 0; count < SLICE; count += 1) {
        if (readOne(keep)) continue;
        for (const { record } of waiting) sink.record(record);
        waiting = [];
        if (!query.follow) return 'done';
        cancel = clock.after(paceMs, poll);
        return 'live';
      }
      return 'more';
    },
    catchUp: () => {
      cancel();
      poll();
    },
    close: () => {
      cancel();
      pipe.close();
    },
  };
};

export const makeKmsgSource = (dependencies: KmsgDependencies): LogSource => ({
  open: (query, sink) => {
    if (query.after !== undefined && !CURSOR.test(query.after)) {
      return { ok: false, status: 422, message: 'Last-Event-ID is no cursor of kmsg' };
    }
    const opened = dependencies.files.openPipe(PATH, { device: true });
    if (!opened.ok) {
      const message = `cannot read the kernel's log: ${opened.error.message}`;
      return { ok: false, status: opened.error.code === 'ENOENT' ? 404 : 503, message };
    }
    return { ok: true, reader: makeKmsgReader(dependencies, opened.value, query, sink) };
  },
});
