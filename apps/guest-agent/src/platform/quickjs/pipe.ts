/**
 * FIFOs, growing files and devices by polling. `O_NONBLOCK` lets a FIFO be opened before its writer
 * is there and makes an empty one answer EAGAIN (fifo(7)).
 */
import type { Outcome, Pipe, PipeOptions, PipeRead } from '../platform.ts';
import { failure, succeed } from './failure.ts';
import {
  CHARACTER_DEVICE,
  DEVICE,
  FIFO,
  openPlain,
  PIPE_OR_FILE,
  placeOf,
  type Opened,
} from './open-plain.ts';

/** What a pipe holds by default (pipe(7)). One buffer serves all: reads are synchronous. */
const buffer = new Uint8Array(64 * 1024);

const EMPTY: PipeRead = { kind: 'empty' };
const END: PipeRead = { kind: 'end' };
const TRUNCATED: PipeRead = { kind: 'truncated' };
/** Reads on where the last read ended. */
const ON = -1;

const readError = (result: number): PipeRead => {
  const failed = failure(result, 'read');
  return failed.error.code === 'EAGAIN' ? EMPTY : { kind: 'error', error: failed.error };
};

const dataOf = (count: number, more: boolean): PipeRead => ({
  kind: 'data',
  bytes: buffer.subarray(0, count),
  more,
});

const readFifo = (descriptor: number): PipeRead => {
  const count = native.readInto(descriptor, buffer, ON);
  if (count < 0) return readError(count);
  return count === 0 ? END : dataOf(count, count === buffer.length);
};

/** One record a read; EAGAIN says that there is no other. */
const readDevice = (descriptor: number): PipeRead => {
  const count = native.readInto(descriptor, buffer, ON);
  if (count < 0) return readError(count);
  return count === 0 ? END : dataOf(count, true);
};

const makeFileReader = (descriptor: number, start: number): (() => PipeRead) => {
  let offset = start;
  return () => {
    const count = native.readInto(descriptor, buffer, offset);
    if (count < 0) return readError(count);
    offset += count;
    if (count > 0) return dataOf(count, count === buffer.length);
    const stat = native.statOpen(descriptor);
    if (typeof stat === 'number') return readError(stat);
    if (stat[2] >= offset) return EMPTY;
    offset = 0;
    return TRUNCATED;
  };
};

const readerOf = ({ descriptor, stat }: Opened, skipExisting: boolean): (() => PipeRead) => {
  const [type, , size] = stat;
  if (type === CHARACTER_DEVICE) return () => readDevice(descriptor);
  if (type === FIFO) return () => readFifo(descriptor);
  return makeFileReader(descriptor, skipExisting ? size : 0);
};

export const openPipe = (path: string, options: PipeOptions | undefined): Outcome<Pipe> => {
  const opened = openPlain(path, options?.device === true ? DEVICE : PIPE_OR_FILE);
  if (!opened.ok) return opened;
  const { descriptor, stat } = opened.value;
  return succeed({
    read: readerOf(opened.value, options?.skipExisting === true),
    place: () => placeOf(path, stat),
    close: () => native.close(descriptor),
  });
};
