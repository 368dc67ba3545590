/**
 * What is known of an execution, with what is kept of its output. A long output goes out piece by
 * piece: megabytes as one JSON text would take several times as much memory, and half a second.
 */
import { JSON_TYPE, jsonAnswer } from '../http/answer.ts';
import type { HttpResponse, StreamEvents, StreamOut } from '../http/message.ts';
import type { Clock } from '../platform/platform.ts';
import type { Execution } from './execution.ts';
import { makePacedWriter } from './paced-writer.ts';

const SHORT_BYTES = 64 * 1024;

/** As it stands between the quotes of a JSON text. */
const inner = (text: string): string => JSON.stringify(text).slice(1, -1);

export const resultAnswer = (
  execution: Pick<Execution, 'document' | 'texts' | 'keptBytes'>,
  clock: Pick<Clock, 'after'>,
): HttpResponse => {
  const { stdout, stderr, missingBytes } = execution.texts();
  const head = { ...execution.document(), missing_bytes: missingBytes };
  if (execution.keptBytes() <= SHORT_BYTES) {
    return jsonAnswer({ ...head, stdout: stdout.join(''), stderr: stderr.join('') });
  }

  const stream = (out: StreamOut): StreamEvents => {
    const rest = [stdout, stderr].map((texts) => texts.values());
    const between = ['","stderr":"', '"}\n'];
    const writer = makePacedWriter(out, clock, () => {
      const text = rest[0]?.next().value;
      if (text !== undefined) return { text: inner(text), isLast: false };
      rest.shift();
      return { text: between.shift() ?? '', isLast: rest.length === 0 };
    });
    writer.more();
    return {
      drained: () => writer.more(),
      // What is left of it is a matter of milliseconds, or its reader is too slow for a stop.
      stopping: () => undefined,
      closed: () => writer.stop(),
    };
  };
  const body = `${JSON.stringify(head).slice(0, -1)},"stdout":"`;
  return { status: 200, contentType: JSON_TYPE, body, stream };
};
