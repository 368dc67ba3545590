/** Writes an answer that lasts, as fast as the caller reads it and no faster. */
import type { ServerResponse } from 'node:http';
import type { StreamPlace } from './answer-streams.ts';
import type { StreamAnswer } from './route.ts';

/** A caller who has taken nothing for so long has gone, whatever TCP says. */
const STALLED_AFTER_MS = 60_000;

/** Resolves when there is room for more, or no more use in waiting for it. */
const whenDrained = async (
  response: ServerResponse,
  signal: AbortSignal,
  stalledAfterMs: number,
): Promise<void> =>
  new Promise((resolve) => {
    const stalled = setTimeout(() => response.destroy(), stalledAfterMs);
    const done = (): void => {
      clearTimeout(stalled);
      response.off('drain', done);
      response.off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
    signal.addEventListener('abort', done, { once: true });
    if (response.destroyed || signal.aborted) done();
  });

export const sendStream = async (
  response: ServerResponse,
  { contentType, headers, stream }: StreamAnswer,
  place: StreamPlace,
  isHead: boolean,
  stalledAfterMs = STALLED_AFTER_MS,
): Promise<void> => {
  // Where nothing is written for long, nobody is at fault: a search may find little.
  response.setTimeout(0);
  const onClose = (): void => place.end('caller');
  response.once('close', onClose);
  if (response.destroyed || isHead) onClose();
  try {
    if (!response.headersSent && !response.destroyed) {
      response.statusCode = 200;
      const all = { 'cache-control': 'no-store', 'content-type': contentType, ...headers };
      for (const [name, value] of Object.entries(all)) response.setHeader(name, value);
      response.flushHeaders();
    }
    const { signal } = place;
    await stream({
      signal,
      write: async (text) => {
        if (isHead || response.destroyed || response.writableEnded) return;
        if (!response.write(text)) await whenDrained(response, signal, stalledAfterMs);
      },
    });
    response.end();
    // What is on its way still has to be taken.
    if (!response.writableFinished) {
      response.setTimeout(stalledAfterMs, () => response.destroy());
    }
  } finally {
    response.off('close', onClose);
  }
};
