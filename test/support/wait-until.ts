/** Polls until something is so, up to a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

export const waitUntil = async (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 5_000,
): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${timeoutMs} ms passed: not so: ${what}`);
    await sleep(POLL_MS);
  }
};
