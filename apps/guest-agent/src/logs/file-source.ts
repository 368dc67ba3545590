/**
 * A plain log file below one of the allowed folders, through renames, deletions and truncation. The
 * cursor names the file itself and a place in it, so that it holds when the file has been renamed.
 */
import type { ByteFile, Cancel, Clock, Files, TextCodec } from '../platform/platform.ts';
import { allowedPath } from './allowed-path.ts';
import { makeFileRecords } from './file-record.ts';
import { MAX_TAIL } from './log-query.ts';
import { makeFileLines, type FileLine, type FileLines } from './file-lines.ts';
import type { LogRecord } from './log-record.ts';
import type { LogQuery, LogReader, LogSink, LogSource, OpenedLog } from './log-source.ts';
import { isSliceOver } from './log-source.ts';

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

interface Held {
  readonly file: ByteFile;
  readonly lines: FileLines;
}

const hold = (file: ByteFile): Held => ({ file, lines: makeFileLines(file) });

const makeFileReader = (
  { files, text, clock }: FileSourceDependencies,
  path: string,
  opened: ByteFile,
  query: LogQuery,
  sink: LogSink,
): LogReader => {
  let current = hold(opened);
  let successor: Held | undefined;
  let cancel: Cancel = () => undefined;
  const recordOf = makeFileRecords({ text, clock, path });

  const isWanted = (record: LogRecord): boolean => {
    const { timeMs } = record;
    const isEarly = timeMs !== undefined && timeMs < (query.sinceMs ?? 0);
    const isLate = timeMs !== undefined && timeMs > (query.untilMs ?? Infinity);
    return !isEarly && !isLate && query.matches(record);
  };

  const give = (line: FileLine): void => {
    const record = recordOf(line, current.file.identity);
    if (isWanted(record)) sink.record(record);
  };

  /** `end`: no further line is complete. */
  const slice = (take: (line: FileLine) => void): 'more' | 'end' => {
    const startedAt = clock.monotonicMs();
    for (let count = 1; ; count += 1) {
      const line = current.lines.next();
      if (line === undefined) return 'end';
      take(line);
      if (isSliceOver(clock, startedAt, count)) return 'more';
    }
  };

  const giveRest = (): void => {
    const rest = current.lines.rest();
    if (rest !== undefined) give(rest);
  };

  const goOnWith = (next: Held): void => {
    current.file.close();
    current = next;
  };

  /** Looks for the file that has taken this one's name; the old one is read to its end before. */
  const succeed = (): boolean => {
    if (successor === undefined) {
      if (current.file.place() !== 'another') return false;
      const next = files.openBytes(path);
      if (next.ok) successor = hold(next.value);
      // Its last writer may still be at it: one more look before it is left.
      return false;
    }
    giveRest();
    goOnWith(successor);
    successor = undefined;
    return true;
  };

  const poll = (): void => {
    if (current.file.size() < current.lines.offset()) {
      sink.missed(undefined, 'truncated');
      current.lines.seek(0);
    }
    const isAtEnd = slice(give) === 'end';
    const isNew = isAtEnd && succeed();
    cancel = clock.after(isNew || !isAtEnd ? 0 : POLL_MS, poll);
  };

  const startAfter = (cursor: string): void => {
    const [, identity, offset] = CURSOR.exec(cursor) ?? [];
    if (identity === current.file.identity) {
      if (Number(offset) > current.file.size()) sink.missed(undefined, 'truncated');
      else current.lines.seek(Number(offset));
      return;
    }
    const before = files.openBytes(`${path}.1`);
    if (before.ok && before.value.identity === identity) {
      successor = current;
      current = hold(before.value);
      current.lines.seek(Number(offset));
      return;
    }
    if (before.ok) before.value.close();
    sink.missed(undefined, 'rotated');
  };

  /** Where the last lines that match start, once the end was reached. */
  let lastStarts: number[] = [];
  const tail = query.tail ?? 0;
  let isSearching = query.tail !== undefined;
  const remember = (line: FileLine): void => {
    if (!isWanted(recordOf(line, current.file.identity))) return;
    lastStarts.push(line.startsAt);
    if (lastStarts.length > 2 * MAX_TAIL) lastStarts = lastStarts.slice(-MAX_TAIL);
  };

  if (query.after !== undefined) startAfter(query.after);
  else if (isSearching && current.file.size() > MAX_BACK_BYTES) {
    current.lines.seek(current.file.size() - MAX_BACK_BYTES);
    // The line in whose middle this is has been cut; the next one has not.
    current.lines.next();
  }

  return {
    advance: () => {
      if (isSearching) {
        if (slice(remember) === 'more') return 'more';
        isSearching = false;
        const [start = current.lines.offset()] = tail === 0 ? [] : lastStarts.slice(-tail);
        lastStarts = [];
        current.lines.seek(start);
      }
      if (slice(give) === 'more') return 'more';
      if (successor !== undefined && succeed()) return 'more';
      if (!query.follow) {
        giveRest();
        return 'done';
      }
      cancel = clock.after(POLL_MS, poll);
      return 'live';
    },
    close: () => {
      cancel();
      current.file.close();
      successor?.file.close();
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
  const opened = real === undefined ? undefined : files.openBytes(real);
  if (real === undefined || opened?.ok !== true) return unreadable;
  // Between the two looks a folder may have become a link.
  if (allowedPath(files, folders, real) !== real || opened.value.place() !== 'same') {
    opened.value.close();
    return unreadable;
  }
  return { ok: true, reader: makeFileReader(dependencies, real, opened.value, query, sink) };
};

export const makeFileSource = (dependencies: FileSourceDependencies, path: string): LogSource => ({
  open: (query, sink) => openLogFile(dependencies, path, query, sink),
});
