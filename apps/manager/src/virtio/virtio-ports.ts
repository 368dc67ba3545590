/**
 * The virtio-serial ports of guests. A VMM lets one client at a time have the host's end of a port, so
 * all connections to an agent share one. It stays for a while after the last of them: an agent sees
 * only after a second that somebody is there, and would find nobody if each failure ended it.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { openCarriedSocket } from './carried-socket.ts';
import { openRpcChannel, type ChannelCounters, type RpcChannel } from './rpc-channel.ts';

export interface VirtioPorts {
  /** A connection to the agent behind the socket at this path. */
  open(path: string, onOpen: () => void): Socket;
  stats(): Readonly<ChannelCounters>;
  /** Settles when no socket is left. */
  stop(): Promise<void>;
}

export interface VirtioPortsDependencies {
  readonly connect: (path: string, onOpen: () => void) => Socket;
  readonly clock: Clock;
}

interface Port {
  readonly channel: RpcChannel;
  readonly closed: Promise<void>;
  connections: number;
  leaving: NodeJS.Timeout | undefined;
}

const LINGER_MS = 30_000;

export const makeVirtioPorts = ({ connect, clock }: VirtioPortsDependencies): VirtioPorts => {
  const ports = new Map<string, Port>();
  const closing = new Set<Promise<void>>();
  const counters: ChannelCounters = { calls: 0, unanswered: 0, junkBytes: 0 };
  let opened = 0;

  const openPort = (path: string): Port => {
    let onClosed = (): void => undefined;
    const closed = new Promise<void>((settle) => {
      onClosed = settle;
    });
    closing.add(closed);
    const channel = openRpcChannel({
      connect: (onOpen) => connect(path, onOpen),
      clock,
      counters,
      onClosed: () => {
        clearTimeout(port.leaving);
        if (ports.get(path) === port) ports.delete(path);
        closing.delete(closed);
        onClosed();
      },
    });
    const port: Port = { channel, closed, connections: 0, leaving: undefined };
    ports.set(path, port);
    return port;
  };

  const leave = (port: Port): void => {
    port.connections -= 1;
    if (port.connections > 0) return;
    clearTimeout(port.leaving);
    port.leaving = setTimeout(() => port.channel.close('nobody needs it'), LINGER_MS);
  };

  return {
    open: (path, onOpen) => {
      const port = ports.get(path) ?? openPort(path);
      clearTimeout(port.leaving);
      port.connections += 1;
      opened += 1;
      const socket = openCarriedSocket(port.channel, String(opened), onOpen);
      socket.once('close', () => leave(port));
      return socket;
    },
    stats: () => counters,
    stop: async () => {
      for (const port of ports.values()) {
        clearTimeout(port.leaving);
        port.channel.close('the manager stops');
      }
      await Promise.all(closing);
    },
  };
};
