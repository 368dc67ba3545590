/** Regular files that are read anywhere: journals and logs, while others write them. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { ByteFile } from '../platform.ts';
import { openPlain, REGULAR } from './open-plain.ts';
import { placeOf } from './pipe.ts';

const NOTHING = new Uint8Array(0);

const readAt = (descriptor: number, offset: number, length: number): Uint8Array => {
  // Not a Buffer: its views cost three times as much.
  const bytes = new Uint8Array(length);
  let count = 0;
  try {
    while (count < length) {
      const more = readSync(descriptor, bytes, count, length - count, offset + count);
      if (more === 0) break;
      count += more;
    }
  } catch {
    // EIO, ESTALE: what cannot be read is not there.
    return NOTHING;
  }
  return bytes.subarray(0, count);
};

const sizeOf = (descriptor: number): number => {
  try {
    return fstatSync(descriptor).size;
  } catch {
    return 0;
  }
};

/** Throws what Node throws. */
export const openBytes = (path: string): ByteFile => {
  const { descriptor, stats } = openPlain(path, REGULAR);
  return {
    identity: `${stats.dev.toString(16)}-${stats.ino.toString(16)}`,
    readAt: (offset, length) => readAt(descriptor, offset, length),
    size: () => sizeOf(descriptor),
    place: () => placeOf(path, stats),
    close: () => closeSync(descriptor),
  };
};
