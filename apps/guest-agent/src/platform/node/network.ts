/** TCP and unix stream sockets. HTTP itself is the agent's own (`http/`), shared by all platforms. */
import { connect, createServer, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type {
  Connection,
  ConnectionEvents,
  Listener,
  Network,
  Outcome,
  Peer,
  SocketAddress,
} from '../platform.ts';
import { failure } from './failure.ts';
import { removeStaleSocket } from './stale-socket.ts';
import { openTls, secureContextOf } from './tls.ts';

/** More waiting connections than this are the kernel's to refuse. */
const BACKLOG = 128;

/** Emitted on a socket when nothing that was written is pending any more. */
const DRAINED = 'agent:drained';

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');

const peerOf = (socket: Socket): Peer =>
  socket.remoteAddress === undefined
    ? { kind: 'unix' }
    : {
        kind: 'tcp',
        address: socket.remoteAddress,
        loopback: isLoopback(socket.remoteAddress),
      };

/** Node's own `drain` only comes where more than its high-water mark was pending. */
const makeWrite = (socket: Socket): Connection['write'] => {
  let waiting = false;
  const handedOver = (): void => {
    if (!waiting || socket.writableLength > 0 || socket.destroyed) return;
    waiting = false;
    socket.emit(DRAINED);
  };
  return (data) => {
    const bytes = Buffer.byteLength(data);
    if (typeof data !== 'string') socket.write(data, handedOver);
    // Nearly all that an agent says is ASCII, which Node copies ten times as fast as UTF-8.
    else if (bytes === data.length) socket.write(data, 'latin1', handedOver);
    else socket.write(data, 'utf8', handedOver);
    if (socket.writableLength > 0) waiting = true;
    return bytes;
  };
};

/** Through what a connection goes: the socket, or what decrypts it. */
interface Way {
  stream: Socket;
  write: Connection['write'];
  isEncrypted: boolean;
}

const wayOver = (socket: Socket): Way => ({
  stream: socket,
  write: makeWrite(socket),
  isEncrypted: false,
});

const connectionOver = (way: Way): Connection => ({
  peer: peerOf(way.stream),
  encrypted: () => way.isEncrypted,
  write: (data) => way.write(data),
  pendingBytes: () => way.stream.writableLength,
  pause: () => {
    way.stream.pause();
  },
  resume: () => {
    way.stream.resume();
  },
  end: () => {
    way.stream.end();
  },
  destroy: () => {
    way.stream.destroy();
  },
});

const attachEvents = (socket: Socket, events: ConnectionEvents): void => {
  socket.on('data', (chunk: Buffer) => events.data(chunk));
  socket.on('end', () => events.ended());
  socket.on(DRAINED, () => events.drained());
  socket.on('close', () => events.closed());
  // A reset by the peer is followed by 'close', which is all that the agent needs to know.
  socket.on('error', () => socket.destroy());
};

/** Of TLS's record layer: a handshake. No request begins with it. */
const HANDSHAKE = 0x16;

/** The first byte tells what the connection is; until it comes, there is only the socket. */
const attachEither = (way: Way, events: ConnectionEvents, context: SecureContext): void => {
  const { stream: socket } = way;
  const onEnd = (): void => events.ended();
  const onClose = (): void => events.closed();
  socket.once('end', onEnd);
  socket.once('close', onClose);
  socket.on('error', () => socket.destroy());
  socket.once('data', (first: Buffer) => {
    socket.off('end', onEnd);
    socket.off('close', onClose);
    if (first[0] === HANDSHAKE) {
      way.stream = openTls(socket, first, context, () => {
        way.isEncrypted = true;
      });
      way.write = makeWrite(way.stream);
      attachEvents(way.stream, events);
    } else {
      attachEvents(socket, events);
      events.data(first);
    }
  });
};

const bind = async (
  address: SocketAddress,
  accept: (connection: Connection) => ConnectionEvents,
): Promise<Outcome<Listener>> =>
  new Promise((resolve) => {
    let context: SecureContext | undefined;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const way = wayOver(socket);
      const events = accept(connectionOver(way));
      if (context === undefined) attachEvents(socket, events);
      else attachEither(way, events, context);
    });
    // It stays: accepting can fail later, for want of memory, and that must not end the agent.
    server.on('error', (error) => resolve(failure(error)));
    server.once('listening', () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : undefined;
      resolve({
        ok: true,
        value: {
          port,
          encrypt: (identity) => {
            context = identity === undefined ? undefined : secureContextOf(identity);
          },
          close: () => {
            server.close();
          },
        },
      });
    });
    if (address.kind === 'tcp') {
      server.listen({ host: address.host, port: address.port, backlog: BACKLOG });
      return;
    }
    // Made with mode 0600 from the start: a socket that anybody may open, even for a moment, would
    // be a way around the port's firewall rules. Node binds a path before listen() returns.
    const umask = process.umask(0o177);
    server.listen({ path: address.path, backlog: BACKLOG });
    process.umask(umask);
  });

const listen: Network['listen'] = async (address, accept) => {
  const outcome = await bind(address, accept);
  const isTaken = !outcome.ok && outcome.error.code === 'EADDRINUSE';
  if (!isTaken || address.kind !== 'unix') return outcome;
  return (await removeStaleSocket(address.path)) ? bind(address, accept) : outcome;
};

const dial = async (
  address: SocketAddress,
  timeoutMs: number,
  attach: (connection: Connection) => ConnectionEvents,
): Promise<Outcome<Connection>> =>
  new Promise((resolve) => {
    const socket =
      address.kind === 'unix'
        ? connect({ path: address.path })
        : connect({ host: address.host, port: address.port, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({
        ok: false,
        error: { code: 'ETIMEDOUT', message: `no answer within ${timeoutMs} ms` },
      });
    }, timeoutMs);
    const refused = (error: Error): void => {
      clearTimeout(timer);
      resolve(failure(error));
    };
    socket.once('error', refused);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', refused);
      const connection = connectionOver(wayOver(socket));
      attachEvents(socket, attach(connection));
      resolve({ ok: true, value: connection });
    });
  });

export const nodeNetwork: Network = { listen, connect: dial };
