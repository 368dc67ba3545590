/** Stands between two who talk TCP, passes everything on, and keeps a copy: what an eavesdropper has. */
import { connect, createServer, type Socket } from 'node:net';

export interface RecordingProxy {
  readonly port: number;
  connections(): number;
  /** Of both directions, one connection after the other, byte for byte. */
  recorded(): string;
  /** The first bytes of each connection, by whoever has opened it. */
  begins(): readonly Buffer[];
  stop(): Promise<void>;
}

export const startRecordingProxy = async (
  listen: { readonly host: string; readonly port: number },
  to: { readonly host: string; readonly port: number },
): Promise<RecordingProxy> => {
  const chunks: Buffer[] = [];
  const begins: Buffer[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const join = (from: Socket, into: Socket, heard: (bytes: Buffer) => void): void => {
    sockets.add(from);
    from.on('data', (bytes: Buffer) => {
      heard(bytes);
      into.write(bytes);
    });
    from.on('end', () => into.end());
    from.on('error', () => into.destroy());
    from.on('close', () => sockets.delete(from));
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const agent = connect({ ...to, allowHalfOpen: true });
    connections += 1;
    let isFirst = true;
    join(client, agent, (bytes) => {
      if (isFirst) begins.push(bytes);
      isFirst = false;
      chunks.push(bytes);
    });
    join(agent, client, (bytes) => void chunks.push(bytes));
  });
  await new Promise<void>((settle) => {
    server.listen(listen, settle);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    connections: () => connections,
    recorded: () => Buffer.concat(chunks).toString('latin1'),
    begins: () => begins,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((settle) => {
        server.close(settle);
      });
    },
  };
};
