/**
 * Opens a path that somebody else has named, and nothing but what was expected there. Opening alone
 * does harm where it is a device (/dev/watchdog restarts the machine) and waits for ever where it is
 * a FIFO, so the path is looked at first, and what was opened must be what was seen.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

const refusal = (code: string, why: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${why}, open '${path}'`), { code });

export interface Expected {
  is(stats: Stats): boolean;
  /** What to say of anything else: "not a regular file". */
  readonly otherwise: string;
}

export const REGULAR: Expected = {
  is: (stats) => stats.isFile(),
  otherwise: 'not a regular file',
};

/** Throws what Node throws, ELOOP for a symbolic link and EINVAL for what was not expected. */
export const openPlain = (
  path: string,
  expected: Expected,
): { readonly descriptor: number; readonly stats: Stats } => {
  const seen = lstatSync(path);
  if (seen.isSymbolicLink()) throw refusal('ELOOP', 'a symbolic link', path);
  if (!expected.is(seen)) throw refusal('EINVAL', expected.otherwise, path);
  const descriptor = openSync(path, FLAGS);
  try {
    const stats = fstatSync(descriptor);
    if (stats.ino !== seen.ino || stats.dev !== seen.dev || !expected.is(stats)) {
      throw refusal('ESTALE', 'replaced while it was opened', path);
    }
    return { descriptor, stats };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
};
