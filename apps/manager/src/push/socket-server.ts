/** The socket.io server, made for small messages from clients and no surprises. */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { EngineConnection, PushServer } from './connection.ts';
import { HANDSHAKE_MESSAGES, type HandshakeRefusal } from './handshake.ts';
import type { PushLimits } from './limits.ts';
import { destroyTransport, hasOpenWebSocket, terminateWebSocket } from './transport-watch.ts';
import type { Visitor, WaitingRoom } from './waiting-room.ts';

export interface SocketServer {
  readonly io: PushServer;
  /** Open connections, signed in or not, and those that are being closed. */
  count(): number;
  /** Ends every connection at once. The HTTP server stays. */
  destroy(): Promise<void>;
}

/** How long a client may take to read the last that it was sent. */
const CLOSING_MS = 1_000;

/** What express sets on everything else that could be taken for a script or a page. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const isMessage = (packet: unknown): boolean =>
  typeof packet === 'object' && packet !== null && 'type' in packet && packet.type === 'message';

export interface SocketServerOptions {
  readonly limits: PushLimits;
  readonly check: (request: IncomingMessage) => HandshakeRefusal | undefined;
  readonly visitorOf: (request: IncomingMessage) => Visitor;
  readonly waiting: WaitingRoom;
}

export const makeSocketServer = (
  httpServer: HttpServer,
  { limits, check, visitorOf, waiting }: SocketServerOptions,
): SocketServer => {
  const io: PushServer = new Server(httpServer, {
    serveClient: false,
    transports: ['polling', 'websocket'],
    // A message of 26 µs would cost 680 µs, and a connection of 80 KB 800 KB.
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: limits.maxMessageBytes,
    connectTimeout: limits.connectTimeoutMs,
    pingInterval: limits.pingIntervalMs,
    pingTimeout: limits.pingTimeoutMs,
    allowRequest(request, callback) {
      const refusal = check(request);
      if (refusal === undefined) callback(null, true);
      else callback(HANDSHAKE_MESSAGES[refusal], false);
    },
  });
  const open = new Set<EngineConnection>();
  const closing = new Map<EngineConnection, NodeJS.Timeout>();
  // ws waits 30 s for a client to agree with the end, and counts it no longer.
  const finish = (engine: EngineConnection): void => {
    clearTimeout(closing.get(engine));
    closing.delete(engine);
    terminateWebSocket(engine);
  };
  io.engine.on('connection', (engine: EngineConnection) => {
    open.add(engine);
    waiting.enter(engine, visitorOf(engine.request));
    engine.on('packet', (packet: unknown) => {
      if (isMessage(packet) && !waiting.mayGoOn(engine)) destroyTransport(engine);
    });
    engine.once('close', () => {
      open.delete(engine);
      waiting.leave(engine);
      if (!hasOpenWebSocket(engine)) return;
      closing.set(
        engine,
        setTimeout(() => {
          finish(engine);
        }, CLOSING_MS),
      );
    });
  });
  // The answer to a poll that nobody reads would else be kept for as long as TCP likes.
  io.engine.on('headers', (headers: Record<string, string>, request: IncomingMessage) => {
    Object.assign(headers, HEADERS);
    request.socket.setTimeout(limits.pingIntervalMs + limits.stallTimeoutMs);
  });
  return {
    io,
    count: () => open.size + closing.size,
    async destroy() {
      for (const engine of open) destroyTransport(engine);
      for (const engine of closing.keys()) finish(engine);
      io.engine.close();
      // The TCP connections are gone one turn later.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    },
  };
};
