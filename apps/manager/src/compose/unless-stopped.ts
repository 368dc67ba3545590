/** A start that is cut short: whoever stops the manager does not wait for a lock or a slow disk. */

/**
 * What the work comes to; undefined where the signal was given and the work did not end within
 * `graceMs` of it. Such work goes on, and what it comes to is of no interest.
 */
export const unlessStopped = async <Value>(
  work: Promise<Value>,
  signal: AbortSignal,
  graceMs: number,
): Promise<Value | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  let begin = (): void => undefined;
  const late = new Promise<undefined>((resolve) => {
    begin = () => {
      timer = setTimeout(resolve, graceMs, undefined);
    };
  });
  signal.addEventListener('abort', begin, { once: true });
  if (signal.aborted) begin();
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
};
