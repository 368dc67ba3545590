/** A TCP or unix connection whose bytes the test chooses itself. */
import { connect, type Socket } from 'node:net';
import type { HttpAddress } from './http-client.ts';

export interface RawConnection {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** What has come so far, one character per byte. */
  received(): string;
  /** Resolves when `received` matches; throws at the deadline, or when the connection ends first. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Resolves with everything that came, when the peer has closed or reset the connection. */
  closed(timeoutMs?: number): Promise<string>;
  destroy(): void;
}

const TIMEOUT_MS = 5_000;

export const openRaw = async (address: HttpAddress): Promise<RawConnection> => {
  const socket = connect({ ...('port' in address ? address : { path: address.socketPath }) });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let text = '';
  let isClosed = false;
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of watchers) watcher();
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    notify();
  });
  // A reset is one of the ways in which a server may end a connection; 'close' follows.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    isClosed = true;
    notify();
  });

  const until = async (
    what: string,
    timeoutMs: number,
    isReached: () => boolean,
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        watchers.delete(watcher);
        settle();
      };
      const fail = (why: string): void =>
        finish(() =>
          reject(new Error(`${why} while waiting for ${what}; got ${text.slice(-500)}`)),
        );
      const watcher = (): void => {
        if (isReached()) finish(() => resolve(text));
        else if (isClosed) fail('the connection ended');
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
      watchers.add(watcher);
      watcher();
    });

  return {
    socket,
    write: (bytes) => {
      socket.write(bytes);
    },
    received: () => text,
    waitFor: async (pattern, timeoutMs = TIMEOUT_MS) =>
      until(String(pattern), timeoutMs, () => pattern.test(text)),
    closed: async (timeoutMs = TIMEOUT_MS) => until('the end', timeoutMs, () => isClosed),
    destroy: () => socket.destroy(),
  };
};
