/** Reads the log of an execution as the manager sends it, a JSON object a line, without keeping it. */
import type { ExecutionLogLine } from '@innkeeper/protocol';

export type ReadEnd =
  | { readonly kind: 'all' }
  /** There is more; only a download has it. */
  | { readonly kind: 'too_long' }
  | { readonly kind: 'failed'; readonly message: string };

export type ReadLog = (
  path: string,
  signal: AbortSignal,
  onLines: (lines: readonly ExecutionLogLine[]) => void,
) => Promise<ReadEnd>;

const MAX_CHARACTERS = 64 * 1024 * 1024;
/** Of one line; the manager cuts far below. */
const MAX_LINE = 16 * 1024 * 1024;

const isLine = (value: unknown): value is ExecutionLogLine =>
  typeof value === 'object' &&
  value !== null &&
  'text' in value &&
  typeof value.text === 'string' &&
  'at' in value &&
  'stream' in value;

const parse = (text: string): ExecutionLogLine[] => {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? [value] : [];
  } catch {
    // The download was cut in the middle of a line: its trailer, which is missing, would say so.
    return [];
  }
};

export const makeReadLog =
  (fetch: typeof globalThis.fetch): ReadLog =>
  async (path, signal, onLines) => {
    const failed = (message: string): ReadEnd => ({ kind: 'failed', message });
    try {
      const response = await fetch(path, { signal, credentials: 'same-origin' });
      if (!response.ok || response.body === null) {
        return failed(`The manager answered with status ${response.status}.`);
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      let read = 0;
      for (;;) {
        const { done, value = '' } = await reader.read();
        if (done) break;
        read += value.length;
        const lines = (rest + value).split('\n');
        rest = lines.pop() ?? '';
        onLines(lines.flatMap(parse));
        if (read > MAX_CHARACTERS || rest.length > MAX_LINE) {
          await reader.cancel();
          return { kind: 'too_long' };
        }
      }
      return { kind: 'all' };
    } catch {
      return failed('The manager cannot be reached.');
    }
  };
