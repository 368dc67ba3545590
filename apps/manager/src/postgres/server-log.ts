/** The server's own log, line by line, into the manager's: bounded, whatever it says. */
import type { Log } from '../log.ts';

export interface ServerLog {
  write(text: string): void;
  /** The last lines, for the sentence that says why it did not start. */
  tail(): string;
}

const MAX_LINE_CHARS = 1_000;
const MAX_LINES = 60;
const PER_MS = 10_000;
const TAIL_LINES = 8;

export const makeServerLog = (log: Log, monotonicMs: () => number): ServerLog => {
  const tail: string[] = [];
  let rest = '';
  let windowStart = 0;
  let inWindow = 0;
  let dropped = 0;

  const isWithinLimit = (): boolean => {
    const now = monotonicMs();
    if (now - windowStart >= PER_MS) {
      if (dropped > 0) log.warn('dropped lines of the log of Postgres', { count: dropped });
      windowStart = now;
      inWindow = 0;
      dropped = 0;
    }
    inWindow += 1;
    return inWindow <= MAX_LINES;
  };

  const writeLine = (line: string): void => {
    if (line === '') return;
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    if (!isWithinLimit()) {
      dropped += 1;
      return;
    }
    const [, severity = '', text = line] = /^([A-Z]+):\s+(.*)$/u.exec(line) ?? [];
    if (severity === 'PANIC') log.error('Postgres', { text });
    else if (severity === 'FATAL' || severity === 'WARNING') log.warn('Postgres', { text });
    else log.debug('Postgres', { text });
  };

  return {
    write: (text) => {
      const lines = (rest + text).split('\n');
      // A line without an end is cut, so that what is kept of it has a limit too.
      rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
      for (const line of lines) writeLine(line.slice(0, MAX_LINE_CHARS));
    },
    tail: () => [...tail, ...(rest === '' ? [] : [rest])].join('\n'),
  };
};
