/**
 * FIFOs and growing files by polling. `O_NONBLOCK` lets a FIFO be opened before its writer is there
 * and makes an empty one answer EAGAIN (fifo(7)); a read that finds nothing costs 4 µs.
 */
import { closeSync, fstatSync, lstatSync, readSync, type Stats } from 'node:fs';
import type { Pipe, PipeOptions, PipeRead } from '../platform.ts';
import { failure } from './failure.ts';
import { openPlain, type Expected } from './open-plain.ts';

/**
 * What a pipe holds by default (pipe(7)). One buffer serves all: reads are synchronous. No Buffer:
 * its `slice` does not copy, and the next read would change what somebody has kept.
 */
const buffer = new Uint8Array(64 * 1024);

const PIPE_OR_FILE: Expected = {
  is: (stats) => stats.isFIFO() || stats.isFile(),
  otherwise: 'neither a FIFO nor a file',
};

const DEVICE: Expected = {
  is: (stats) => stats.isCharacterDevice(),
  otherwise: 'not a character device',
};

const EMPTY: PipeRead = { kind: 'empty' };
const END: PipeRead = { kind: 'end' };
const TRUNCATED: PipeRead = { kind: 'truncated' };

const dataOf = (count: number): PipeRead => ({
  kind: 'data',
  bytes: buffer.subarray(0, count),
  more: count === buffer.length,
});

const readFifo = (descriptor: number): PipeRead => {
  const count = readSync(descriptor, buffer, 0, buffer.length, null);
  return count === 0 ? END : dataOf(count);
};

const makeFileReader = (descriptor: number, start: number): (() => PipeRead) => {
  let offset = start;
  return () => {
    const count = readSync(descriptor, buffer, 0, buffer.length, offset);
    offset += count;
    if (count > 0) return dataOf(count);
    if (fstatSync(descriptor).size >= offset) return EMPTY;
    offset = 0;
    return TRUNCATED;
  };
};

/** One record a read; EAGAIN says that there is no other. */
const readDevice = (descriptor: number): PipeRead => {
  const count = readSync(descriptor, buffer, 0, buffer.length, null);
  return count === 0 ? END : { kind: 'data', bytes: buffer.subarray(0, count), more: true };
};

const readerOf = (descriptor: number, stats: Stats, skipExisting: boolean): (() => PipeRead) => {
  if (stats.isCharacterDevice()) return () => readDevice(descriptor);
  if (stats.isFIFO()) return () => readFifo(descriptor);
  return makeFileReader(descriptor, skipExisting ? stats.size : 0);
};

export const placeOf = (path: string, opened: Stats): ReturnType<Pipe['place']> => {
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined) return 'nowhere';
    return there.ino === opened.ino && there.dev === opened.dev ? 'same' : 'another';
  } catch {
    // The folder may not be searched any more: what is open stays open.
    return 'nowhere';
  }
};

/** Throws what Node throws. */
export const openPipe = (path: string, options: PipeOptions | undefined): Pipe => {
  const expected = options?.device === true ? DEVICE : PIPE_OR_FILE;
  const { descriptor, stats } = openPlain(path, expected);
  const read = readerOf(descriptor, stats, options?.skipExisting === true);
  return {
    read: () => {
      try {
        return read();
      } catch (error) {
        const failed = failure(error);
        return failed.error.code === 'EAGAIN' ? EMPTY : { kind: 'error', error: failed.error };
      }
    },
    place: () => placeOf(path, stats),
    close: () => closeSync(descriptor),
  };
};
