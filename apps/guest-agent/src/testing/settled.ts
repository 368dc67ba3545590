/** Waits until everything that was ready to go on has gone on; no time passes on the fake clock. */
import { setImmediate } from 'node:timers/promises';

export const settled = async (): Promise<void> => {
  await setImmediate();
};
