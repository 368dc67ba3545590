/**
 * Opens the one connection of a target for undici, which by itself could neither wait for the gate
 * nor give up a connection that is being opened before its own coarse timeout.
 */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { AgentPlace } from '../vms/agent-place.ts';
import type { ConnectGate } from './connect-gate.ts';

export interface Connector {
  readonly connect: buildConnector.connector;
  /** Gives up what is being opened, if anything is. */
  cancel(reason: Error): void;
  /** True where the connection has served a request before: the peer may have closed it by now. */
  useConnection(): boolean;
  phase(): 'waiting' | 'connecting' | 'idle';
  /** Settles when no socket is left. */
  closed(): Promise<void>;
}

interface Opening {
  phase: 'waiting' | 'connecting';
  readonly giveUp: (reason: Error) => void;
}

/** A compact answer with its head. A longer one takes several reads. */
const READ_BYTES = 4096;

export const makeConnector = (dependencies: {
  readonly place: AgentPlace;
  readonly gate: ConnectGate;
  /** Held by each connection, and taken from the kernel at once. */
  readonly readBytes?: number;
}): Connector => {
  const { place, gate, readBytes = READ_BYTES } = dependencies;
  const sockets = new Set<Socket>();
  let opening: Opening | undefined;
  let hasFailed = false;
  let uses = 0;
  let onClosed: (() => void) | undefined;

  const open = (onOpen: () => void): Socket => {
    const socket = gate.dial(place, readBytes, onOpen);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) onClosed?.();
    });
    return socket;
  };

  const connect: buildConnector.connector = (_options, callback) => {
    let socket: Socket | undefined;
    let isOver = false;

    const end = (error: Error | undefined): void => {
      if (isOver) return;
      isOver = true;
      opening = undefined;
      leave();
      hasFailed = error !== undefined;
      if (error === undefined && socket !== undefined) {
        uses = 0;
        callback(null, socket);
      } else {
        socket?.destroy();
        callback(error ?? new Error('no socket'), null);
      }
    };

    const current: Opening = { phase: 'waiting', giveUp: end };
    opening = current;
    const leave = gate.enter(hasFailed, () => {
      current.phase = 'connecting';
      socket = open(() => end(undefined));
      // Stays: errors after this one's end are undici's to handle, or of a socket that was given up.
      socket.on('error', end);
    });
  };

  return {
    connect,
    cancel: (reason) => opening?.giveUp(reason),
    useConnection: () => {
      uses += 1;
      return uses > 1;
    },
    phase: () => opening?.phase ?? 'idle',
    closed: async () => {
      if (sockets.size === 0) return undefined;
      return new Promise((settle) => {
        onClosed = settle;
      });
    },
  };
};
