/**
 * Opens a path that somebody else has named, and nothing but what was expected there. Opening alone
 * does harm where it is a device (/dev/watchdog restarts the machine) and waits for ever where it is
 * a FIFO, so the path is looked at first, and what was opened must be what was seen.
 */
import type { Outcome } from '../platform.ts';
import { failure, failWith, succeed } from './failure.ts';
import type { Facts } from './native.ts';

/** open(2): O_RDONLY is 0; O_NONBLOCK, O_NOCTTY. */
const FLAGS = 0o4000 | 0o400 | native.O_NOFOLLOW;

/** inode(7) */
export const FIFO = 0o010_000;
export const CHARACTER_DEVICE = 0o020_000;
const SYMBOLIC_LINK = 0o120_000;
const REGULAR_FILE = 0o100_000;

export interface Expected {
  readonly types: readonly number[];
  /** What to say of anything else: "not a regular file". */
  readonly otherwise: string;
}

export const REGULAR: Expected = { types: [REGULAR_FILE], otherwise: 'not a regular file' };
export const PIPE_OR_FILE: Expected = {
  types: [FIFO, REGULAR_FILE],
  otherwise: 'neither a FIFO nor a file',
};
export const DEVICE: Expected = {
  types: [CHARACTER_DEVICE],
  otherwise: 'not a character device',
};

export interface Opened {
  readonly descriptor: number;
  readonly facts: Facts;
}

export const sizeOf = ([, , , , sizeBytes]: Facts): number => sizeBytes;
export const identityOf = ([, , , , , , identity]: Facts): string => identity;

const isSame = (left: Facts, right: Facts): boolean => identityOf(left) === identityOf(right);

/** ELOOP for a symbolic link and EINVAL for what was not expected. */
export const openPlain = (path: string, expected: Expected): Outcome<Opened> => {
  const call = `open '${path}'`;
  const seen = native.facts(path);
  if (typeof seen === 'number') return failure(seen, call);
  const [type] = seen;
  if (type === SYMBOLIC_LINK) return failWith('ELOOP', 'a symbolic link', call);
  if (!expected.types.includes(type)) return failWith('EINVAL', expected.otherwise, call);
  const descriptor = native.open(path, FLAGS);
  if (descriptor < 0) return failure(descriptor, call);
  const facts = native.facts(descriptor);
  if (typeof facts !== 'number' && isSame(facts, seen) && expected.types.includes(facts[0])) {
    return succeed({ descriptor, facts });
  }
  native.close(descriptor);
  return failWith('ESTALE', 'replaced while it was opened', call);
};

/** Where the path leads now, for whoever has opened it. */
export const placeOf = (path: string, opened: Facts): 'same' | 'another' | 'nowhere' => {
  const there = native.facts(path);
  // The folder may not be searched any more: what is open stays open.
  if (typeof there === 'number') return 'nowhere';
  return isSame(there, opened) ? 'same' : 'another';
};
