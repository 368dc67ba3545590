/** Bytes that wait, in the pieces in which they came, and are taken in pieces of another size. */
export interface ByteQueue {
  /** Keeps a reference: whoever adds them leaves them as they are. */
  add(bytes: Uint8Array): void;
  /** The first so many, or all where there are fewer. */
  take(most: number): Uint8Array;
  length(): number;
  clear(): void;
}

const NOTHING = new Uint8Array();

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const [only = NOTHING] = parts;
  if (parts.length < 2) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

export const makeByteQueue = (): ByteQueue => {
  let pieces: Uint8Array[] = [];
  let waiting = 0;

  return {
    add: (bytes) => {
      if (bytes.length === 0) return;
      pieces.push(bytes);
      waiting += bytes.length;
    },
    take: (most) => {
      const parts: Uint8Array[] = [];
      let length = 0;
      // Moving all others up for each piece would take its time.
      let used = 0;
      while (length < most) {
        const next = pieces[used];
        if (next === undefined) break;
        const part = next.subarray(0, most - length);
        parts.push(part);
        length += part.length;
        if (part.length < next.length) pieces[used] = next.subarray(part.length);
        else used += 1;
      }
      waiting -= length;
      if (used > 0) pieces = pieces.slice(used);
      return joined(parts, length);
    },
    length: () => waiting,
    clear: () => {
      pieces = [];
      waiting = 0;
    },
  };
};
