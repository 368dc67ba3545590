/** Opens a connection to an agent, by whatever way leads there. */
import { connect, Socket } from 'node:net';
import type { AgentPlace } from '../vms/agent-place.ts';
import type { VirtioPorts } from '../virtio/virtio-ports.ts';
import { makeDialTls } from './dial-tls.ts';
import { refuseSocketPath } from './socket-path.ts';
import { makeVsockGreeting, vsockRequest } from './vsock-greeting.ts';

/**
 * Calls `onOpen` when HTTP may begin; what fails is an error of the socket. `readBytes` are held by
 * the connection, and taken from the kernel at once, but where it decrypts.
 */
export type Dial = (place: AgentPlace, readBytes: number, onOpen: () => void) => Socket;

export interface DialDependencies {
  /** Where sockets may be. */
  readonly socketDirs: readonly string[];
  readonly virtioPorts: Pick<VirtioPorts, 'open'>;
}

/** Opens a unix socket, once it has turned out to be one. `onBytes` gets what comes. */
const openUnix = (
  path: string,
  socketDirs: readonly string[],
  readBytes: number,
  onBytes: (socket: Socket, bytes: Buffer) => boolean,
): Socket => {
  const options = {
    allowHalfOpen: false,
    onread: {
      buffer: Buffer.allocUnsafe(readBytes),
      callback: (length: number, buffer: Uint8Array) =>
        onBytes(socket, Buffer.from(buffer.subarray(0, length))),
    },
  };
  const socket: Socket = new Socket(options);
  void refuseSocketPath(path, socketDirs).then((problem) => {
    if (socket.destroyed) return;
    if (problem === undefined) socket.connect({ path });
    else socket.destroy(new Error(problem));
  });
  return socket;
};

const dialTcp = (host: string, port: number, readBytes: number, onOpen: () => void): Socket => {
  // An address, never a name: nothing is looked up.
  const socket: Socket = connect({
    host,
    port,
    noDelay: true,
    autoSelectFamily: false,
    // Else Node takes 64 kB for each read, of which the answer needs one or two.
    onread: {
      buffer: Buffer.allocUnsafe(readBytes),
      callback: (length, buffer) => socket.push(Buffer.from(buffer.subarray(0, length))),
    },
  });
  socket.once('connect', onOpen);
  return socket;
};

export const dialUnix = (
  path: string,
  socketDirs: readonly string[],
  readBytes: number,
  onOpen: () => void,
): Socket => {
  const push = (to: Socket, bytes: Buffer): boolean => to.push(bytes);
  const socket = openUnix(path, socketDirs, readBytes, push);
  socket.once('connect', onOpen);
  return socket;
};

/** For those who have nothing else. */
export const dialAddress: Dial = (place, readBytes, onOpen) => {
  if (place.kind !== 'tcp') throw new Error(`a ${place.kind} socket where only addresses are`);
  if (place.tlsPin !== undefined) throw new Error('a key where only plain addresses are');
  return dialTcp(place.host, place.port, readBytes, onOpen);
};

export const makeDial = ({ socketDirs, virtioPorts }: DialDependencies): Dial => {
  const dialTls = makeDialTls();

  const dialVsock = (path: string, port: number, readBytes: number, onOpen: () => void): Socket => {
    const greet = makeVsockGreeting();
    let isOpen = false;
    const opened = openUnix(path, socketDirs, readBytes, (socket, bytes) => {
      if (isOpen) return socket.push(bytes);
      const greeting = greet(bytes);
      if (greeting.kind === 'bad') {
        socket.destroy(new Error('what answers there does not speak as a VMM does for vsock'));
      } else if (greeting.kind === 'open') {
        isOpen = true;
        onOpen();
        if (greeting.rest.length > 0) return socket.push(greeting.rest);
      }
      return true;
    });
    opened.once('connect', () => opened.write(vsockRequest(port)));
    // Without a reader the end is never seen.
    opened.once('end', () => {
      if (!isOpen) {
        opened.destroy(new Error(`the VMM hung up: nothing listens at port ${port} in the guest`));
      }
    });
    return opened;
  };

  return (place, readBytes, onOpen) => {
    switch (place.kind) {
      case 'tcp': {
        const { host, port, tlsPin } = place;
        if (tlsPin !== undefined) return dialTls({ host, port, tlsPin }, onOpen);
        return dialTcp(host, port, readBytes, onOpen);
      }
      case 'unix':
        return dialUnix(place.path, socketDirs, readBytes, onOpen);
      case 'virtio':
        return virtioPorts.open(place.path, onOpen);
      case 'vsock':
        return dialVsock(place.path, place.port, readBytes, onOpen);
      default: {
        const never: never = place;
        return never;
      }
    }
  };
};
