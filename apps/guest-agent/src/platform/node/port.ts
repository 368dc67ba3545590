/** Character devices that carry bytes both ways, such as a virtio-serial port. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { PipeRead, Port } from '../platform.ts';
import { failure } from './failure.ts';

const FLAGS = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY;
const READ_BYTES = 64 * 1024;
/**
 * One buffer serves all reads: they are synchronous, so no two overlap. No Buffer: its `slice` does
 * not copy, and what is read next would change what somebody has kept.
 */
const buffer = new Uint8Array(READ_BYTES);

const refusal = (path: string): Error =>
  Object.assign(new Error(`EINVAL: not a character device, open '${path}'`), { code: 'EINVAL' });

const read = (descriptor: number): PipeRead => {
  try {
    const count = readSync(descriptor, buffer, 0, READ_BYTES, null);
    if (count === 0) return { kind: 'end' };
    return { kind: 'data', bytes: buffer.subarray(0, count), more: count === READ_BYTES };
  } catch (error) {
    const failed = failure(error);
    return failed.error.code === 'EAGAIN'
      ? { kind: 'empty' }
      : { kind: 'error', error: failed.error };
  }
};

/** Throws what Node throws. */
export const openPort = (path: string): Port => {
  // Opening can do harm (/dev/watchdog), but the path is the owner's own setting.
  const real = realpathSync(path);
  if (!statSync(real).isCharacterDevice()) throw refusal(path);
  const descriptor = openSync(real, FLAGS);
  if (!fstatSync(descriptor).isCharacterDevice()) {
    closeSync(descriptor);
    throw refusal(path);
  }
  return {
    read: () => read(descriptor),
    write: (bytes) => {
      try {
        return { ok: true, value: writeSync(descriptor, bytes) };
      } catch (error) {
        const failed = failure(error);
        return failed.error.code === 'EAGAIN' ? { ok: true, value: 0 } : failed;
      }
    },
    close: () => closeSync(descriptor),
  };
};
