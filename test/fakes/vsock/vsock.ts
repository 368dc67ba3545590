/**
 * The host's end of a guest's vsock as Firecracker has it: a unix socket on which a connection says
 * `CONNECT <port>`, is answered `OK <number>`, and is the guest's from then on. Where nobody listens
 * at that port it hangs up, as it does for anything else that is said first. The guest's ports are
 * unix sockets of this machine.
 *
 * https://github.com/firecracker-microvm/firecracker/blob/main/docs/vsock.md
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface FakeVsock {
  /** Open connections. */
  open(): number;
  close(): Promise<void>;
}

const MAX_LINE = 32;
const REQUEST = /^CONNECT (?<port>\d{1,10})$/u;
/** Where Firecracker begins to number the host's ends. */
const FIRST_NUMBER = 1_073_741_824;

export const startVsock = async (
  path: string,
  guestPorts: Readonly<Record<number, string>>,
): Promise<FakeVsock> => {
  const sockets = new Set<Socket>();
  let number = FIRST_NUMBER;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };

  const join = (host: Socket, rest: Buffer, guestPath: string): void => {
    const guest = connect(guestPath);
    keep(guest);
    guest.once('connect', () => {
      host.write(`OK ${number}\n`);
      number += 1;
      guest.write(rest);
      host.pipe(guest).pipe(host);
    });
    guest.once('close', () => host.destroy());
    host.once('close', () => guest.destroy());
  };

  const accept = (host: Socket): void => {
    keep(host);
    let said = Buffer.alloc(0);
    const listen = (bytes: Buffer): void => {
      said = Buffer.concat([said, bytes]);
      const end = said.indexOf('\n');
      if (end === -1 && said.length < MAX_LINE) return;
      host.off('data', listen);
      const port = REQUEST.exec(said.toString('latin1', 0, Math.max(0, end)))?.groups?.['port'];
      const guestPath = guestPorts[Number(port)];
      if (guestPath === undefined) host.destroy();
      else join(host, said.subarray(end + 1), guestPath);
    };
    host.on('data', listen);
  };

  const server: Server = createServer(accept);
  await new Promise<void>((settle, fail) => {
    server.once('error', fail);
    server.listen(path, settle);
  });
  return {
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((settle) => {
        server.close(settle);
      });
    },
  };
};
