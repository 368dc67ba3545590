/**
 * A plain log file below one of the allowed folders, through renames, deletions and truncation. The
 * cursor names the file itself and a place in it, so that it holds when the file has been renamed.
 */
import type { ByteFile, Cancel, Clock, Files, TextCodec } from '../platform/platform.ts';
import { allowedPath, openAllowed } from './allowed-path.ts';
import { makeFileRecords } from './file-record.ts';
import { MAX_TAIL } from './log-query.ts';
import type { FileLine } from './file-lines.ts';
import type { LogRecord } from './log-record.ts';
import type { LogQuery, LogReader, LogSink, LogSource, OpenedLog } from './log-source.ts';
import { isSliceOver } from './log-source.ts';
import { makeRotatedFile } from './rotated-file.ts';

export interface FileSourceDependencies {
  readonly files: Files;
  readonly text: TextCodec;
  readonly clock: Clock;
  readonly folders: readonly string[];
}

const POLL_MS = 50;
/** How far back a tail is looked for. */
const MAX_BACK_BYTES = 16 * 1024 * 1024;
const CURSOR = /^f=([\da-f]{1,16}-[\da-f]{1,16});o=(\d{1,15})$/u;

const makeFileReader = (
  { files, text, clock, folders }: FileSourceDependencies,
  path: string,
  opened: ByteFile,
  query: LogQuery,
  sink: LogSink,
): LogReader => {
  const log = makeRotatedFile({ files, folders, path }, opened);
  const { paceMs = POLL_MS } = query;
  let isLastLook = false;
  let cancel: Cancel = () => undefined;
  const recordOf = makeFileRecords({ text, clock, path });

  /** Of the last line that told one: those after it, as of a stack trace, belong to it. */
  let lastTimeMs: number | undefined;
  const isWanted = (record: LogRecord): boolean => {
    const timeMs = record.timeMs ?? lastTimeMs;
    lastTimeMs = timeMs;
    const isEarly = timeMs !== undefined && timeMs < (query.sinceMs ?? 0);
    const isLate = timeMs !== undefined && timeMs > (query.untilMs ?? Infinity);
    return !isEarly && !isLate && query.matches(record);
  };

  const give = (line: FileLine): void => {
    const record = recordOf(line, log.current().file.identity);
    if (isWanted(record)) sink.record(record);
  };

  /** `end`: no further line is complete. */
  const slice = (take: (line: FileLine) => void): 'more' | 'end' => {
    const startedAt = clock.monotonicMs();
    for (let count = 1; ; count += 1) {
      const line = log.current().lines.next();
      if (line === 'more' || line === 'end') return line;
      take(line);
      if (isSliceOver(clock, startedAt, count)) return 'more';
    }
  };

  const giveRest = (): void => {
    const rest = log.current().lines.rest();
    if (rest !== undefined) give(rest);
  };

  const goOn = (): void => {
    giveRest();
    log.goOn();
    isLastLook = false;
  };

  /** The last writer of a file that is left gets one more look. */
  const succeed = (): boolean => {
    if (!log.hasSuccessor()) return false;
    if (isLastLook) {
      goOn();
      return true;
    }
    isLastLook = true;
    return false;
  };

  const poll = (): void => {
    if (log.current().file.size() < log.current().lines.readTo()) {
      sink.missed(undefined, 'truncated');
      log.current().lines.seek(0);
    }
    const isAtEnd = slice(give) === 'end';
    const isNew = isAtEnd && succeed();
    cancel = clock.after(isNew || !isAtEnd ? 0 : paceMs, poll);
  };

  const startAfter = (cursor: string): void => {
    const [, identity, offset] = CURSOR.exec(cursor) ?? [];
    if (identity === log.current().file.identity) {
      if (Number(offset) > log.current().file.size()) sink.missed(undefined, 'truncated');
      else log.current().lines.seek(Number(offset));
      return;
    }
    if (identity !== undefined && log.goBackTo(identity)) log.current().lines.seek(Number(offset));
    else sink.missed(undefined, 'rotated');
  };

  /** Where the last lines that match start, once the end was reached. */
  let lastStarts: number[] = [];
  const tail = query.tail ?? 0;
  let isSearching = query.tail !== undefined;
  const remember = (line: FileLine): void => {
    if (!isWanted(recordOf(line, log.current().file.identity))) return;
    lastStarts.push(line.startsAt);
    if (lastStarts.length > 2 * MAX_TAIL) lastStarts = lastStarts.slice(-MAX_TAIL);
  };

  if (query.after !== undefined) startAfter(query.after);
  else if (isSearching && log.current().file.size() > MAX_BACK_BYTES) {
    log.current().lines.seek(log.current().file.size() - MAX_BACK_BYTES);
    // The line in whose middle this is has been cut; the next one has not.
    while (log.current().lines.next() === 'more');
  }

  return {
    advance: () => {
      if (isSearching) {
        if (slice(remember) === 'more') return 'more';
        isSearching = false;
        const [start = log.current().lines.lineStart()] = tail === 0 ? [] : lastStarts.slice(-tail);
        lastStarts = [];
        lastTimeMs = undefined;
        log.current().lines.seek(start);
      }
      if (slice(give) === 'more') return 'more';
      if (log.isRenamed() && (!query.follow || log.hasSuccessor())) {
        goOn();
        return 'more';
      }
      if (!query.follow) {
        giveRest();
        return 'done';
      }
      cancel = clock.after(paceMs, poll);
      return 'live';
    },
    catchUp: () => {
      cancel();
      poll();
    },
    close: () => {
      cancel();
      log.close();
    },
  };
};

const openLogFile = (
  dependencies: FileSourceDependencies,
  path: string,
  query: LogQuery,
  sink: LogSink,
): OpenedLog => {
  const { files, folders } = dependencies;
  if (query.after !== undefined && !CURSOR.test(query.after)) {
    return { ok: false, status: 422, message: 'Last-Event-ID is no cursor of a file' };
  }
  // One answer for what is not there and what may not be read: nobody learns which files there are.
  const unreadable: OpenedLog = {
    ok: false,
    status: 404,
    message: `no such log file below ${folders.join(', ')}, or none that the agent may read`,
  };
  const real = allowedPath(files, folders, path);
  const opened = real === undefined ? undefined : openAllowed(files, folders, real);
  if (real === undefined || opened === undefined) return unreadable;
  return { ok: true, reader: makeFileReader(dependencies, real, opened, query, sink) };
};

export const makeFileSource = (dependencies: FileSourceDependencies, path: string): LogSource => ({
  open: (query, sink) => openLogFile(dependencies, path, query, sink),
});
