/** The lines of a stream, one per question: for programs and sockets that answer in lines. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** @returns a function that waits for the next line; undefined is the end of the stream */
export const makeLineReader = (input: Readable): (() => Promise<string | undefined>) => {
  const lines: AsyncIterator<string, unknown> = createInterface({ input })[Symbol.asyncIterator]();
  return async () => {
    const next = await lines.next();
    return next.done === true ? undefined : next.value;
  };
};
