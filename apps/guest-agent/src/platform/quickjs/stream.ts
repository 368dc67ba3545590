/**
 * One descriptor that is read and written without waiting: a connection, or one end of a child's
 * pipe. What the kernel does not take at once is kept, in order, until it does.
 */
import { plainCarrier, type Carrier } from './carrier.ts';
import { MOST_BYTES, READABLE, WRITABLE, type EventLoop } from './event-loop.ts';

/** Of errno(3); `receive` and `write` give it where there is nothing to do. */
const AGAIN = -11;
const NOTHING = new Uint8Array(0);

export interface StreamEvents {
  data(chunk: Uint8Array): void;
  ended(): void;
  drained(): void;
  /** It was closed, by whomever, for whatever reason. */
  closed(): void;
}

export interface StreamOptions {
  readonly reads: boolean;
  /** Its turn comes after all others. */
  readonly aside: boolean;
  /** Whether the other side may still be written to when it has said all. */
  readonly halfOpen: boolean;
  /** What `end` does when all is written, for what can be read on. */
  readonly shutdown: boolean;
}

export interface Stream {
  /** How many bytes that is. */
  write(data: string | Uint8Array): number;
  encrypted(): boolean;
  pendingBytes(): number;
  pause(): void;
  resume(): void;
  end(): void;
  destroy(): void;
}

/** What the kernel has not taken yet, in order. */
const makeQueue = (carrier: Carrier) => {
  let chunks: Uint8Array[] = [];
  /** How much of the first chunk is written. */
  let written = 0;
  let bytes = 0;
  return {
    bytes: () => bytes,
    add: (chunk: Uint8Array): void => {
      chunks.push(chunk);
      bytes += chunk.length;
    },
    /** 0 when nothing is left to write, or the errno. */
    write: (): number => {
      for (let [first] = chunks; first !== undefined; [first] = chunks) {
        const count = carrier.write(first, written);
        if (count < 0) return count;
        written += count;
        bytes -= count;
        if (written < first.length) return AGAIN;
        chunks.shift();
        written = 0;
      }
      // What only the carrier has to say: a part of a handshake, or the last record.
      return carrier.waitsToWrite(false) ? carrier.write(NOTHING, 0) : 0;
    },
    clear: (): void => {
      chunks = [];
      bytes = 0;
    },
  };
};

export const openStream = (
  loop: EventLoop,
  descriptor: number,
  options: StreamOptions,
  events: StreamEvents,
  carrier: Carrier = plainCarrier(descriptor),
): Stream => {
  const queue = makeQueue(carrier);
  let paused = !options.reads;
  let readEnded = !options.reads;
  let ending = false;
  let writeEnded = false;
  let destroyed = false;
  /** The events that are asked for at the moment, and whether aside. */
  let watched = 0;
  let isAside = options.aside;

  const destroy = (): void => {
    if (destroyed) return;
    destroyed = true;
    queue.clear();
    loop.forget(descriptor);
    carrier.close();
    // Not from within the call, which its caller may not expect.
    void Promise.resolve().then(() => events.closed());
  };

  const watch = (): void => {
    if (destroyed) return;
    const writes = carrier.waitsToWrite(queue.bytes() > 0);
    const wanted = (paused || readEnded ? 0 : READABLE) | (writes ? WRITABLE : 0);
    const wasAside = isAside;
    isAside = options.aside || carrier.isAside();
    if (wanted === watched && isAside === wasAside) return;
    watched = wanted;
    if (loop.watch(descriptor, wanted, ready, isAside) !== 0) destroy();
  };

  const finishWriting = (): void => {
    if (!ending || writeEnded || queue.bytes() > 0 || destroyed) return;
    const result = readEnded || !options.shutdown ? undefined : carrier.shutdown();
    // The last record is on its way still.
    if (result === AGAIN) return;
    writeEnded = true;
    if (result !== 0) destroy();
  };

  const writePending = (): void => {
    const hadBytes = queue.bytes() > 0;
    const result = queue.write();
    if (result === AGAIN) return;
    if (result < 0) return destroy();
    if (hadBytes) events.drained();
    finishWriting();
  };

  const end = (): void => {
    if (destroyed || ending) return;
    ending = true;
    finishWriting();
    watch();
  };

  const read = (): void => {
    const chunk = carrier.receive(options.aside ? loop.asideBytes() : MOST_BYTES);
    if (typeof chunk === 'number') {
      if (chunk !== AGAIN) destroy();
      return;
    }
    if (chunk.length > 0) return events.data(chunk);
    readEnded = true;
    events.ended();
    if (destroyed) return;
    if (writeEnded) destroy();
    else if (!options.halfOpen) end();
  };

  function ready(happened: number): void {
    if ((happened & ~READABLE) !== 0) writePending();
    if (!destroyed && (happened & ~WRITABLE) !== 0 && !paused && !readEnded) read();
    watch();
  }

  watch();

  return {
    write: (data) => {
      const isText = typeof data === 'string';
      const bytes = isText ? native.encodeUtf8(data) : data;
      if (destroyed || ending || bytes.length === 0) return bytes.length;
      let count = 0;
      if (queue.bytes() === 0) {
        count = carrier.write(bytes, 0);
        if (count === AGAIN) count = 0;
        else if (count < 0) destroy();
      }
      if (destroyed || count === bytes.length) return bytes.length;
      // A copy where it is the caller's memory, which may be used again.
      queue.add(isText ? bytes.subarray(count) : bytes.slice(count));
      watch();
      return bytes.length;
    },
    encrypted: () => !destroyed && carrier.encrypted(),
    pendingBytes: () => queue.bytes(),
    pause: () => {
      paused = true;
      watch();
    },
    resume: () => {
      paused = !options.reads;
      watch();
    },
    end,
    destroy,
  };
};
