import { createServer, type AddressInfo, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeConnectionCounts } from './connection-counts.ts';
import { dialAddress } from './dial.ts';

const HOST = '127.0.0.1';

const listen = async (
  port: number,
): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = createServer((socket) => void socket.on('error', () => undefined).resume());
  await new Promise<void>((settle) => {
    server.listen(port, HOST, settle);
  });
  const address = server.address();
  return { server, port: portOf(address) };
};
const portOf = (address: AddressInfo | string | null): number => {
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return address.port;
};
const close = async (server: Server): Promise<void> =>
  new Promise((settle) => {
    server.close(() => settle());
  });

test('a connection is open until it ends, and one after a failure is a return', async () => {
  const counts = makeConnectionCounts();
  const dial = counts.countDial(dialAddress);
  const { server, port } = await listen(0);
  const connect = () => {
    const socket = dial({ kind: 'tcp', host: HOST, port }, 4096, () => undefined);
    socket.on('error', () => undefined);
    return socket;
  };
  const tcp = () => counts.read().tcp;
  const first = connect();
  await waitUntil('it is open', () => tcp().open === 1);
  expect(tcp()).toEqual({ open: 1, opened: 1, recovered: 0, failed: 0 });
  first.destroy();
  await waitUntil('it is closed', () => tcp().open === 0);
  await close(server);
  connect();
  await waitUntil('nobody is there', () => tcp().failed === 1);
  connect();
  await waitUntil('nobody is there still', () => tcp().failed === 2);
  const again = await listen(port);
  onTestFinished(async () => close(again.server));
  const back = connect();
  await waitUntil('it is open again', () => tcp().open === 1);
  back.destroy();
  const other = connect();
  await waitUntil('one more was open', () => tcp().opened === 3);
  other.destroy();
  await waitUntil('all are closed', () => tcp().open === 0);
  // Of the failures one return is told, and the next connection is none.
  expect(tcp()).toEqual({ open: 0, opened: 3, recovered: 1, failed: 2 });
  expect(counts.read().unix).toEqual({ open: 0, opened: 0, recovered: 0, failed: 0 });
});
