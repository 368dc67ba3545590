/** A stretch of network between two processes, which a test can make swallow all that goes over it. */
import { connect, createServer, type Socket } from 'node:net';

export interface Wire {
  readonly port: number;
  /** From now on nothing arrives, and nobody is told. */
  swallow(): void;
  /** What was on its way arrives. */
  heal(): void;
  /** Ends the connections that there are, as a router does that has forgotten them. */
  cut(): void;
  stop(): Promise<void>;
}

export interface WireEnds {
  /** Where it listens. */
  readonly host: string;
  readonly to: { readonly host: string; readonly port: number };
}

export const startWire = async ({ host, to }: WireEnds): Promise<Wire> => {
  const sockets = new Set<Socket>();
  let isSwallowing = false;

  const hold = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The other end hears of it by `close`.
    socket.on('error', () => undefined);
  };

  const join = (one: Socket, other: Socket): void => {
    one.on('data', (bytes) => other.write(bytes));
    one.once('close', () => other.destroy());
    if (isSwallowing) one.pause();
  };

  const server = createServer((near) => {
    const far = connect(to);
    hold(near);
    hold(far);
    join(near, far);
    join(far, near);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    swallow: () => {
      isSwallowing = true;
      for (const socket of sockets) socket.pause();
    },
    heal: () => {
      isSwallowing = false;
      for (const socket of sockets) socket.resume();
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};
