/** What is to be written to a port whose other end takes it bit by bit. */
import type { Port } from '../platform/platform.ts';

export interface Outbox {
  add(bytes: Uint8Array): void;
  /** Writes what the port takes; true where it has taken something and not yet all. */
  flush(port: Port): boolean;
  bytes(): number;
  clear(): void;
}

export const makeOutbox = (): Outbox => {
  let waiting: Uint8Array[] = [];
  let length = 0;
  return {
    add: (bytes) => {
      waiting.push(bytes);
      length += bytes.length;
    },
    flush: (port) => {
      let isMoving = false;
      for (let [first] = waiting; first !== undefined; [first] = waiting) {
        const written = port.write(first);
        // What is wrong with the port is seen at the next read.
        if (!written.ok || written.value === 0) return isMoving;
        isMoving = true;
        length -= written.value;
        const rest = first.subarray(written.value);
        if (rest.length > 0) waiting[0] = rest;
        else waiting.shift();
      }
      return false;
    },
    bytes: () => length,
    clear: () => {
      waiting = [];
      length = 0;
    },
  };
};
