/** Makes the HTTP server of an address, and closes it within a time. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { codeOf } from '../database/connection-failure.ts';
import type { Log } from '../log.ts';

export interface Listening {
  /** For socket.io, which serves its path on the same port. */
  readonly server: Server;
  readonly host: string;
  /** The real one where 0 was asked for. */
  readonly port: number;
  /** Lets requests under way finish, then cuts off what is left. */
  stop(): Promise<void>;
}

export interface ListenOptions {
  readonly handler: RequestListener;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  readonly stopWithinMs?: number;
}

/** From the first byte of a request to its last header: enough for any honest network. */
const HEADERS_TIMEOUT_MS = 10_000;
/** To the last byte of the body, of which there are 64 KiB. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than proxies keep theirs open, so that none sends a request into a closing connection. */
const KEEP_ALIVE_MS = 75_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** Far from the file descriptors that a process may have; a browser holds seven. */
const MAX_CONNECTIONS = 4096;
const STOP_WITHIN_MS = 5_000;
const DROPS_LOGGED_EVERY_MS = 60_000;

const PROBLEMS = new Map([
  ['EADDRINUSE', 'something else listens there already'],
  ['EACCES', 'ports below 1024 need privileges'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOTFOUND', 'there is no such name'],
]);

const isAddressInfo = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

/** Without anybody told, connections beyond the limit would just seem to hang up. */
const logDrops = (server: Server, log: Log): (() => void) => {
  let dropped = 0;
  const report = (): void => {
    if (dropped > 0) log.warn('connections dropped: there are too many', { dropped });
    dropped = 0;
  };
  server.on('drop', () => {
    dropped += 1;
  });
  const timer = setInterval(report, DROPS_LOGGED_EVERY_MS);
  return () => {
    clearInterval(timer);
    report();
  };
};

const close = async (
  server: Server,
  sockets: ReadonlySet<Socket>,
  withinMs: number,
  log: Log,
): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const closed = new Promise<void>((resolve) => {
    // Also closes the connections that are idle now.
    server.close(() => resolve());
  });
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), withinMs);
  });
  const outcome = await Promise.race([closed, late]);
  clearTimeout(timer);
  if (outcome !== 'late') return;
  log.warn('requests cut off: they did not end in time');
  // Those of WebSockets as well, which the server itself no longer counts as its own.
  for (const socket of sockets) socket.destroy();
  await closed;
};

const start = (server: Server, host: string, port: number): Promise<Error | undefined> =>
  new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port }, () => {
      server.off('error', resolve);
      resolve(undefined);
    });
  });

export const listen = async (
  options: ListenOptions,
): Promise<
  | { readonly ok: true; readonly listening: Listening }
  | { readonly ok: false; readonly problem: string }
> => {
  const { handler, host, port, log, stopWithinMs = STOP_WITHIN_MS } = options;
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // How often the two above are looked at; 30 s, the default, would make 10 s into 40.
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: true,
    },
    handler,
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  const error = await start(server, host, port);
  if (error !== undefined) {
    const reason = PROBLEMS.get(codeOf(error) ?? '') ?? error.message;
    return { ok: false, problem: `cannot listen on ${host} port ${port}: ${reason}` };
  }
  server.on('error', (later) => log.error('the HTTP server has a problem', { error: later }));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (_request, response) => {
    response.once('close', () => {
      // Else a connection whose last answer came after the stop would wait for another request.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
  const stopLoggingDrops = logDrops(server, log);
  const address = server.address();
  if (!isAddressInfo(address)) throw new Error('the server listens on no port');
  let stopped: Promise<void> | undefined;
  return {
    ok: true,
    listening: {
      server,
      host: address.address,
      port: address.port,
      stop: () => {
        stopped ??= close(server, sockets, stopWithinMs, log).finally(stopLoggingDrops);
        return stopped;
      },
    },
  };
};
