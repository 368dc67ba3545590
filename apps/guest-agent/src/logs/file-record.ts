/** A line of a plain file as a log line. */
import type { Clock, TextCodec } from '../platform/platform.ts';
import { guessLevel, readFileLine } from './file-line.ts';
import type { FileLine } from './file-lines.ts';
import { makeSimpleRecord, type LogRecord } from './log-record.ts';

/** `identity` is the file's, which may have another name by now. */
export const makeFileRecords = (dependencies: {
  readonly text: TextCodec;
  readonly clock: Clock;
  readonly path: string;
}): ((line: FileLine, identity: string) => LogRecord) => {
  const { text, clock, path } = dependencies;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (line, identity) => {
    const message = text.decodeUtf8(line.bytes).replace(/\r$/u, '');
    const { timeMs, program } = readFileLine(message, clock.nowMs(), clock.zone().offsetSeconds);
    const [level, priority] = guessLevel(message);
    return makeSimpleRecord(
      {
        timestamp: timeMs ?? null,
        level,
        target: program ?? name,
        message: line.cutBytes > 0 ? `${message}\u2026` : message,
        fields: { path },
        cursor: `f=${identity};o=${line.endsAt}`,
        ...(line.cutBytes > 0 && { cut_bytes: line.cutBytes }),
      },
      priority,
    );
  };
};
