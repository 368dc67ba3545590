/** Gives work a time limit, and ends it early when the caller goes. */
import type { ServerResponse } from 'node:http';

const TIMED_OUT = Symbol('timed out');

/**
 * The work goes on behind a passed deadline until it heeds the signal; what it then answers or
 * throws is handed to `onLate`, so that no error is lost.
 */
export const withDeadline = async <Value>(
  response: ServerResponse,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Value>,
  onLate: (error: unknown) => void,
): Promise<{ readonly ok: true; readonly value: Value } | { readonly ok: false }> => {
  const controller = new AbortController();
  const onClose = (): void => controller.abort();
  response.once('close', onClose);
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const deadline = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), timeoutMs);
  });
  const working = work(controller.signal);
  working.catch((error: unknown) => {
    if (isOver) onLate(error);
  });
  try {
    const outcome = await Promise.race([working, deadline]);
    if (outcome === TIMED_OUT) {
      isOver = true;
      controller.abort();
      return { ok: false };
    }
    return { ok: true, value: outcome };
  } finally {
    clearTimeout(timer);
    response.off('close', onClose);
  }
};
