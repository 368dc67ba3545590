/** Regular files that are read anywhere: journals and logs, while others write them. */
import type { ByteFile, Outcome } from '../platform.ts';
import { succeed } from './failure.ts';
import { identityOf, openPlain, placeOf, REGULAR, sizeOf } from './open-plain.ts';

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

const sizeNow = (descriptor: number): number => {
  const facts = native.facts(descriptor);
  return typeof facts === 'number' ? 0 : sizeOf(facts);
};

export const openBytes = (path: string): Outcome<ByteFile> => {
  const opened = openPlain(path, REGULAR);
  if (!opened.ok) return opened;
  const { descriptor, facts } = opened.value;
  return succeed({
    identity: identityOf(facts),
    readAt: (offset, length) => readAt(descriptor, offset, length),
    size: () => sizeNow(descriptor),
    place: () => placeOf(path, facts),
    close: () => native.close(descriptor),
  });
};
