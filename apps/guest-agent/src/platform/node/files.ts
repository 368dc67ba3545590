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
import { openPipe } from './pipe.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;

/** One buffer serves all reads: they are synchronous, so no two overlap. Grows to the largest file. */
let buffer = Buffer.allocUnsafeSlow(16 * 1024);

const readAll = (descriptor: number, options: ReadOptions | undefined): string => {
  const maxBytes = options?.maxBytes ?? DEFAULT_MAX_BYTES;
  let length = 0;
  while (length < maxBytes) {
    if (length === buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(buffer.length * 4, maxBytes));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    const room = Math.min(buffer.length, maxBytes) - length;
    const count = readSync(descriptor, buffer, length, room, length);
    length += count;
    if (count === 0 || (options?.whole === true && count < room)) break;
  }
  return buffer.toString('utf8', 0, length);
};

const spaceOf = (stats: StatsFs): FilesystemSpace => ({
  blockSize: stats.bsize,
  blocks: stats.blocks,
  blocksFree: stats.bfree,
  blocksAvailable: stats.bavail,
  files: stats.files,
  filesFree: stats.ffree,
});

const attempt = <Value>(action: () => Value): Outcome<Value> => {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    return failure(error);
  }
};

let asideCount = 0;

/** Calls that hold a thread of libuv's, perhaps for ever. */
export const callsUnderWay = (): number => asideCount;

export const nodeFiles: Files = {
  open: (path, options) =>
    attempt(() => {
      const descriptor = openSync(path, 'r');
      return {
        read: () => attempt(() => readAll(descriptor, options)),
        close: () => closeSync(descriptor),
      };
    }),
  openPipe: (path, options) => attempt(() => openPipe(path, options)),
  readText: (path, options) =>
    attempt(() => {
      const descriptor = openSync(path, 'r');
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
