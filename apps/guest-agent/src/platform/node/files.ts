/**
 * Files through Node's synchronous calls. /proc and /sys are answered from memory, and a promise
 * costs 8 to 28 times the read itself there; only statfs on a network mount can wait, and that one
 * goes to the thread pool.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  readSync,
  statfs,
  statfsSync,
  type StatsFs,
} from 'node:fs';
import type { Files, FilesystemSpace, Outcome, ReadOptions } from '../platform.ts';
import { failure } from './failure.ts';
import { openPlain, REGULAR } from './open-plain.ts';
import { openBytes } from './byte-file.ts';
import { openFolder } from './folder.ts';
import { openPipe } from './pipe.ts';
import { openPort } from './port.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_LONG_BYTES = 16 * MAX_BYTES;

/** One buffer serves all reads: they are synchronous, so no two overlap. Grows to the largest file. */
let buffer = Buffer.allocUnsafeSlow(16 * 1024);

const openToRead = (path: string, options: ReadOptions | undefined): number =>
  options?.regularOnly === true ? openPlain(path, REGULAR).descriptor : openSync(path, 'r');

const tooLong = (maxBytes: number): Outcome<never> => ({
  ok: false,
  error: { code: 'E2BIG', message: `E2BIG: the file has more than ${maxBytes} bytes, read` },
});

const readAll = (descriptor: number, options: ReadOptions | undefined): Outcome<string> => {
  const maxBytes = options?.long === true ? MAX_LONG_BYTES : MAX_BYTES;
  // One byte more than is allowed tells a file that is too long from one that just fits.
  const limit = options?.maxBytes ?? maxBytes + 1;
  let length = 0;
  while (length < limit) {
    if (length === buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(buffer.length * 4, limit));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    const room = Math.min(buffer.length, limit) - length;
    const count = readSync(descriptor, buffer, length, room, length);
    length += count;
    if (count === 0 || (options?.whole === true && count < room)) break;
  }
  if (options?.maxBytes === undefined && length > maxBytes) return tooLong(maxBytes);
  return { ok: true, value: buffer.toString('utf8', 0, length) };
};

const spaceOf = (stats: StatsFs): FilesystemSpace => ({
  blockSize: stats.bsize,
  blocks: stats.blocks,
  blocksFree: stats.bfree,
  blocksAvailable: stats.bavail,
  files: stats.files,
  filesFree: stats.ffree,
});

const attemptOutcome = <Value>(action: () => Outcome<Value>): Outcome<Value> => {
  try {
    return action();
  } catch (error) {
    return failure(error);
  }
};

const attempt = <Value>(action: () => Value): Outcome<Value> =>
  attemptOutcome(() => ({ ok: true, value: action() }));

let asideCount = 0;

/** Calls that hold a thread of libuv's, perhaps for ever. */
export const callsUnderWay = (): number => asideCount;

export const nodeFiles: Files = {
  open: (path, options) =>
    attempt(() => {
      const descriptor = openToRead(path, options);
      return {
        read: () => attemptOutcome(() => readAll(descriptor, options)),
        close: () => closeSync(descriptor),
      };
    }),
  openBytes: (path) => attempt(() => openBytes(path)),
  openPipe: (path, options) => attempt(() => openPipe(path, options)),
  openFolder: (path) => attempt(() => openFolder(path)),
  openPort: (path) => attempt(() => openPort(path)),
  readText: (path, options) =>
    attemptOutcome(() => {
      const descriptor = openToRead(path, options);
      try {
        return readAll(descriptor, options);
      } finally {
        closeSync(descriptor);
      }
    }),
  list: (path) => attempt(() => readdirSync(path)),
  realPath: (path) => attempt(() => realpathSync(path)),
  readLink: (path) => attempt(() => readlinkSync(path)),
  exists: (path) => existsSync(path),
  statfs: (path) => attempt(() => spaceOf(statfsSync(path))),
  statfsAside: (path, done) => {
    asideCount += 1;
    statfs(path, (error, stats) => {
      asideCount -= 1;
      done(error === null ? { ok: true, value: spaceOf(stats) } : failure(error));
    });
  },
};
