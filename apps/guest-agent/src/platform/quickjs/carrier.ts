/** How a stream's bytes get to its descriptor and from it: as they are, or sealed (`tls.ts`). */
export interface Carrier {
  /** Bytes, none at their end, or the errno. */
  receive(most: number): Uint8Array | number;
  /** How many bytes from `start` on the kernel has taken, or the errno. The rest is to be given again. */
  write(bytes: Uint8Array, start: number): number;
  /** Whether something is to be written once the kernel takes more; by a `write` of nothing, too. */
  waitsToWrite(hasPending: boolean): boolean;
  /** That nothing more will be written; to be said again where it is EAGAIN. */
  shutdown(): number;
  encrypted(): boolean;
  /** It is at work that others should not wait for: a handshake takes as long as ten requests. */
  isAside(): boolean;
  close(): void;
}

export const plainCarrier = (descriptor: number): Carrier => ({
  receive: (most) => native.receive(descriptor, most),
  write: (bytes, start) => native.write(descriptor, bytes, start),
  waitsToWrite: (hasPending) => hasPending,
  shutdown: () => native.shutdown(descriptor),
  encrypted: () => false,
  isAside: () => false,
  close: () => native.close(descriptor),
});
