/** Regular files that are read anywhere: journals and logs, while others write them. */
import type { ByteFile, Outcome } from '../platform.ts';
import { succeed } from './failure.ts';
import { openPlain, placeOf, REGULAR } from './open-plain.ts';

const readAt = (descriptor: number, offset: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  let count = 0;
  while (count < length) {
    const more = native.readInto(descriptor, bytes.subarray(count), offset + count);
    // EIO, ESTALE: what cannot be read is not there.
    if (more < 0) return bytes.subarray(0, 0);
    if (more === 0) break;
    count += more;
  }
  return count === length ? bytes : bytes.subarray(0, count);
};

const sizeOf = (descriptor: number): number => {
  const stat = native.statOpen(descriptor);
  return typeof stat === 'number' ? 0 : stat[2];
};

export const openBytes = (path: string): Outcome<ByteFile> => {
  const opened = openPlain(path, REGULAR);
  if (!opened.ok) return opened;
  const { descriptor, stat } = opened.value;
  return succeed({
    identity: stat[1],
    readAt: (offset, length) => readAt(descriptor, offset, length),
    size: () => sizeOf(descriptor),
    place: () => placeOf(path, stat),
    close: () => native.close(descriptor),
  });
};
