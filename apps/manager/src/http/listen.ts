/** Makes the HTTP server of an address, and closes it within a time. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { codeOf } from '../database/connection-failure.ts';
import type { Log } from '../log.ts';
import { networkOf } from './remote-address.ts';

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
  readonly stalledAfterMs?: number;
  readonly maxConnectionsPerNetwork?: number;
}

/** From the first byte of a request to its last header: enough for any honest network. */
const HEADERS_TIMEOUT_MS = 10_000;
/** To the last byte of the body, of which there are 64 KiB. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Nothing came or went for so long, although an answer is under way: its reader has stopped. */
const STALLED_AFTER_MS = 60_000;
/** Longer than proxies keep theirs open, so that none sends a request into a closing connection. */
const KEEP_ALIVE_MS = 75_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** Far from the file descriptors that a process may have; a browser holds seven. */
const MAX_CONNECTIONS = 4096;
/** Of one peer, or one IPv6 /64: a proxy brings everybody's, and still nobody has all. */
const MAX_CONNECTIONS_PER_NETWORK = 2048;
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
const logDrops = (server: Server, log: Log): { count(): void; stop(): void } => {
  let dropped = 0;
  const report = (): void => {
    if (dropped > 0) log.warn('connections dropped: there are too many', { dropped });
    dropped = 0;
  };
  const count = (): void => {
    dropped += 1;
  };
  server.on('drop', count);
  const timer = setInterval(report, DROPS_LOGGED_EVERY_MS);
  return {
    count,
    stop: () => {
      clearInterval(timer);
      report();
    },
  };
};

/** The open connections, of which no network may have too many. */
const keepSockets = (
  server: Server,
  maxPerNetwork: number,
  onDropped: () => void,
): ReadonlySet<Socket> => {
  const sockets = new Set<Socket>();
  const byNetwork = new Map<string, number>();
  server.on('connection', (socket) => {
    const network = networkOf(socket.remoteAddress ?? 'unknown');
    const same = byNetwork.get(network) ?? 0;
    if (same >= maxPerNetwork) {
      onDropped();
      socket.destroy();
      return;
    }
    sockets.add(socket);
    byNetwork.set(network, same + 1);
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (byNetwork.get(network) ?? 0) - 1;
      if (left > 0) byNetwork.set(network, left);
      else byNetwork.delete(network);
    });
  });
  return sockets;
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
  const maxPerNetwork = options.maxConnectionsPerNetwork ?? MAX_CONNECTIONS_PER_NETWORK;
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
  // Between requests, keepAliveTimeout counts instead; WebSockets have none of the two.
  server.setTimeout(options.stalledAfterMs ?? STALLED_AFTER_MS);
  const error = await start(server, host, port);
  if (error !== undefined) {
    const reason = PROBLEMS.get(codeOf(error) ?? '') ?? error.message;
    return { ok: false, problem: `cannot listen on ${host} port ${port}: ${reason}` };
  }
  server.on('error', (later) => log.error('the HTTP server has a problem', { error: later }));
  const drops = logDrops(server, log);
  const sockets = keepSockets(server, maxPerNetwork, () => drops.count());
  server.on('request', (_request, response) => {
    response.once('close', () => {
      // Else a connection whose last answer came after the stop would wait for another request.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
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
        stopped ??= close(server, sockets, stopWithinMs, log).finally(() => drops.stop());
        return stopped;
      },
    },
  };
};
