/**
 * A process before a farm of guests: takes TLS at each of their addresses, with one key for all, and
 * passes on what is in it. What it costs is the guests' part, and not counted.
 */
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { z } from 'zod';
import { makeTlsKey } from '../../support/tls-key.ts';

const farmPort = z.coerce.number().int().positive().parse(process.argv[2]);
const { pem, pin } = makeTlsKey();

const server = createServer({ ...pem, noDelay: true }, (client) => {
  const { localAddress } = client;
  if (localAddress === undefined) return client.destroy();
  const guest = connect({ host: localAddress, port: farmPort, noDelay: true });
  const end = (): void => {
    client.destroy();
    guest.destroy();
  };
  for (const socket of [client, guest]) socket.on('error', end).on('close', end);
  client.pipe(guest).pipe(client);
  return undefined;
});
server.on('tlsClientError', (_error, socket) => socket.destroy());
server.listen({ host: '0.0.0.0', port: 0, backlog: 4096 }, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port, pin });
});
