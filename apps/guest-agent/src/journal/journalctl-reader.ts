/**
 * Lets journalctl read what the agent cannot: files of a newer systemd. It sees an entry 250 ms and
 * more after it was written, costs a process per client, and is told to stop with its client.
 */
import type { ChildProcess, Platform } from '../platform/platform.ts';
import type { LogQuery, LogReader, LogSink } from '../logs/log-source.ts';
import { makeLineSplitter, type SplitLine } from '../host/line-splitter.ts';
import { parseJournalctlLine } from './journalctl-line.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_LINE_BYTES = 1024 * 1024;

/** journalctl looks into one folder, or into its own ones. */
const folderArguments = (folders: readonly string[]): readonly string[] => {
  const [folder] = folders;
  const isItsOwn = folder === undefined || folder === '/var/log/journal';
  return isItsOwn ? [] : [`--directory=${folder}`];
};

const argumentsOf = (query: LogQuery): readonly string[] => {
  const { follow, tail, sinceMs, untilMs, after } = query;
  // `--lines` alone counts what filters drop too, so it serves for a tail without them, and no less.
  return [
    '--output=json',
    '--all',
    '--no-pager',
    '--quiet',
    ...(follow ? ['--follow'] : []),
    ...(tail === undefined ? ['--no-tail'] : [`--lines=${tail}`]),
    ...(sinceMs === undefined ? [] : [`--since=@${(sinceMs / 1000).toFixed(3)}`]),
    // The whole millisecond, as files read directly.
    ...(untilMs === undefined ? [] : [`--until=@${(untilMs / 1000).toFixed(3)}999`]),
    ...(after === undefined ? [] : [`--after-cursor=${after}`]),
  ];
};

export const openJournalctl = (
  { processes, text }: Pick<Platform, 'processes' | 'text'>,
  folders: readonly string[],
  query: LogQuery,
  sink: LogSink,
): LogReader => {
  let child: ChildProcess | undefined;
  let isClosed = false;
  let isDone = false;

  const lines = makeLineSplitter(text, MAX_LINE_BYTES);
  const give = (line: SplitLine): void => {
    if (line.kind === 'overlong') {
      sink.missed(1, 'truncated');
      return;
    }
    const record = parseJournalctlLine(line.text, text);
    if (record !== undefined && query.matches(record)) sink.record(record);
  };

  const start = async (): Promise<void> => {
    const outcome = await processes.spawn(
      {
        argv: ['journalctl', ...folderArguments(folders), ...argumentsOf(query)],
        env: { PATH, LC_ALL: 'C.UTF-8' },
      },
      {
        stdout: (chunk) => {
          if (isClosed) return;
          for (const line of lines.push(chunk)) give(line);
        },
        stderr: () => undefined,
        exited: ({ code }) => {
          child = undefined;
          isDone = true;
          if (isClosed) return;
          if (!query.follow && code === 0) sink.done();
          else sink.failed(`journalctl has ended with ${code ?? 'a signal'}`);
        },
      },
    );
    if (!outcome.ok) {
      isDone = true;
      sink.failed(`cannot read the journal, nor start journalctl: ${outcome.error.message}`);
    } else if (isClosed) outcome.value.signal('SIGTERM');
    else if (!isDone) child = outcome.value;
  };

  let isStarted = false;
  return {
    advance: () => {
      if (!isStarted) void start();
      isStarted = true;
      return 'live';
    },
    close: () => {
      isClosed = true;
      child?.signal('SIGTERM');
    },
  };
};
