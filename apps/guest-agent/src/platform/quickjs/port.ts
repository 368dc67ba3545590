/** Character devices that carry bytes both ways, such as a virtio-serial port. */
import type { Outcome, PipeRead, Port } from '../platform.ts';
import { failure, failWith, succeed } from './failure.ts';
import { CHARACTER_DEVICE } from './open-plain.ts';

/** open(2): O_RDWR, O_NONBLOCK, O_NOCTTY. */
const FLAGS = 0o2 | 0o4000 | 0o400;
const BUFFER_BYTES = 64 * 1024;
const AGAIN = -11;
/** Reads on where the last read ended. */
const ON = -1;

const read = (descriptor: number, buffer: Uint8Array): PipeRead => {
  const count = native.readInto(descriptor, buffer, ON);
  if (count === AGAIN) return { kind: 'empty' };
  if (count < 0) return { kind: 'error', error: failure(count, 'read').error };
  if (count === 0) return { kind: 'end' };
  return { kind: 'data', bytes: buffer.subarray(0, count), more: count === buffer.length };
};

const write = (descriptor: number, bytes: Uint8Array): Outcome<number> => {
  const count = native.write(descriptor, bytes, 0);
  if (count === AGAIN) return succeed(0);
  return count < 0 ? failure(count, 'write') : succeed(count);
};

export const openPort = (path: string): Outcome<Port> => {
  const call = `open '${path}'`;
  const real = native.realPath(path);
  if (typeof real === 'number') return failure(real, call);
  const seen = native.facts(real);
  if (typeof seen === 'number') return failure(seen, call);
  if (seen[0] !== CHARACTER_DEVICE) return failWith('EINVAL', 'not a character device', call);
  const descriptor = native.open(real, FLAGS);
  if (descriptor < 0) return failure(descriptor, call);
  const buffer = new Uint8Array(BUFFER_BYTES);
  return succeed({
    read: () => read(descriptor, buffer),
    write: (bytes) => write(descriptor, bytes),
    close: () => native.close(descriptor),
  });
};
