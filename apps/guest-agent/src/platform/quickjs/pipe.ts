/**
 * FIFOs, growing files and devices by polling. `O_NONBLOCK` lets a FIFO be opened before its writer
 * is there and makes an empty one answer EAGAIN (fifo(7)).
 */
import type { Files, PipeRead } from '../platform.ts';
import { failure, succeed } from './failure.ts';
import {
  CHARACTER_DEVICE,
  DEVICE,
  FIFO,
  openPlain,
  PIPE_OR_FILE,
  placeOf,
  sizeOf,
  type Opened,
} from './open-plain.ts';

/** What a pipe holds by default (pipe(7)). */
const BUFFER_BYTES = 64 * 1024;

const EMPTY: PipeRead = { kind: 'empty' };
const END: PipeRead = { kind: 'end' };
const TRUNCATED: PipeRead = { kind: 'truncated' };
/** Reads on where the last read ended. */
const ON = -1;

const readError = (result: number): PipeRead => {
  const failed = failure(result, 'read');
  return failed.error.code === 'EAGAIN' ? EMPTY : { kind: 'error', error: failed.error };
};

/** Reads into the buffer that it is given. */
type Read = (buffer: Uint8Array) => PipeRead;

const dataOf = (buffer: Uint8Array, count: number, more: boolean): PipeRead => ({
  kind: 'data',
  bytes: buffer.subarray(0, count),
  more,
});

const makeFifoReader =
  (descriptor: number): Read =>
  (buffer) => {
    const count = native.readInto(descriptor, buffer, ON);
    if (count < 0) return readError(count);
    return count === 0 ? END : dataOf(buffer, count, count === buffer.length);
  };

/** One record a read; EAGAIN says that there is no other. */
const makeDeviceReader =
  (descriptor: number): Read =>
  (buffer) => {
    const count = native.readInto(descriptor, buffer, ON);
    if (count < 0) return readError(count);
    return count === 0 ? END : dataOf(buffer, count, true);
  };

const makeFileReader = (descriptor: number, start: number): Read => {
  let offset = start;
  return (buffer) => {
    const count = native.readInto(descriptor, buffer, offset);
    if (count < 0) return readError(count);
    offset += count;
    if (count > 0) return dataOf(buffer, count, count === buffer.length);
    const facts = native.facts(descriptor);
    if (typeof facts === 'number') return readError(facts);
    if (sizeOf(facts) >= offset) return EMPTY;
    offset = 0;
    return TRUNCATED;
  };
};

const readerOf = ({ descriptor, facts }: Opened, skipExisting: boolean): Read => {
  const [type] = facts;
  if (type === CHARACTER_DEVICE) return makeDeviceReader(descriptor);
  if (type === FIFO) return makeFifoReader(descriptor);
  return makeFileReader(descriptor, skipExisting ? sizeOf(facts) : 0);
};

/** One buffer serves all, for reads are synchronous; an agent that reads none has none. */
export const makePipes = (): Files['openPipe'] => {
  let buffer: Uint8Array | undefined;
  return (path, options) => {
    const opened = openPlain(path, options?.device === true ? DEVICE : PIPE_OR_FILE);
    if (!opened.ok) return opened;
    const { descriptor, facts } = opened.value;
    const read = readerOf(opened.value, options?.skipExisting === true);
    return succeed({
      read: () => {
        buffer ??= new Uint8Array(BUFFER_BYTES);
        return read(buffer);
      },
      place: () => placeOf(path, facts),
      close: () => native.close(descriptor),
    });
  };
};
