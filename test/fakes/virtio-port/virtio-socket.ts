/**
 * A virtio-serial port as QEMU has it: a device for the guest, and for the host a unix socket that
 * serves one client at a time; another one is connected, and waits until the first has gone.
 */
import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { waitUntil } from '../../support/wait-until.ts';

export interface VirtioSocket {
  /** The device, for the guest. */
  readonly device: string;
  /** Clients that were served so far. */
  served(): number;
  close(): Promise<void>;
}

/** @param program see `obtainVirtioPort` */
export const startVirtioSocket = async (program: string, path: string): Promise<VirtioSocket> => {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((settle) => {
    child.once('close', () => settle());
  });
  const waiting: Socket[] = [];
  let client: Socket | undefined;
  let served = 0;
  let device = '';
  let head = '';

  const serveNext = (): void => {
    client = waiting.shift();
    if (client === undefined) return;
    served += 1;
    const own = client;
    own.on('data', (bytes: Buffer) => {
      if (!child.stdin.write(bytes)) own.pause();
    });
    own.once('close', serveNext);
  };
  child.stdin.on('drain', () => client?.resume());
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (bytes: Buffer) => {
    if (device === '') {
      head += bytes.toString('latin1');
      if (head.endsWith('\n')) device = head.trim();
    } else {
      // Without a client what the guest says is lost.
      client?.write(bytes);
    }
  });
  await waitUntil('the port is there', () => device !== '');

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    waiting.push(socket);
    if (client === undefined) serveNext();
  });
  await new Promise<void>((settle, fail) => {
    server.once('error', fail);
    server.listen(path, settle);
  });
  return {
    device,
    served: () => served,
    close: async () => {
      waiting.length = 0;
      for (const socket of sockets) socket.destroy();
      await new Promise((settle) => {
        server.close(settle);
      });
      child.kill('SIGKILL');
      await exited;
    },
  };
};
