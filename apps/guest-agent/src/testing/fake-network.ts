/**
 * A network in memory. A test dials in as a client, decides whether that client reads, and sees all
 * that was written to it. Like a real one it delivers nothing while it is paused, and says `closed`
 * once, last, and not from within the call that closes it.
 */
import type { Connection, ConnectionEvents, Network, Peer } from '../platform/platform.ts';
import { latin1Bytes } from './latin1-bytes.ts';

export interface FakeClient {
  send(data: string | Uint8Array): void;
  /** Says that nothing more will come; the other direction stays open. */
  endSending(): void;
  /** Takes what waits in the agent's buffer, and everything later at once. */
  startReading(): void;
  received(): string;
  /** The agent has said that nothing more will come. */
  sawEnd(): boolean;
  closed(): boolean;
  /** How it was closed: by both sides in order, or cut off. */
  cutOff(): boolean;
}

export interface FakeClientOptions {
  readonly peer?: Peer;
  /** What it sends has been decrypted. */
  readonly encrypted?: boolean;
  /** False: a peer whose receive window is full. */
  readonly reads?: boolean;
  /** False: a peer that keeps its side open when the agent has ended its own. */
  readonly endsWithAgent?: boolean;
}

export interface FakeNetwork extends Network {
  dial(options?: FakeClientOptions): FakeClient;
  listening(): boolean;
}

const LOOPBACK: Peer = { kind: 'tcp', address: '127.0.0.1', loopback: true };

interface Wire {
  readonly connection: Connection;
  readonly client: FakeClient;
  readonly attach: (events: ConnectionEvents) => void;
}

const makeWire = (options: FakeClientOptions): Wire => {
  const { peer = LOOPBACK, encrypted = false, endsWithAgent = true } = options;
  let reads = options.reads ?? true;
  let events: ConnectionEvents | undefined;
  let paused = false;
  let taken = '';
  let waiting = '';
  let agentEnded = false;
  let clientEnded = false;
  let closed = false;
  let cutOff = false;
  const inbox: (Uint8Array | 'end')[] = [];

  const close = (): void => {
    if (closed) return;
    closed = true;
    queueMicrotask(() => events?.closed());
  };

  const closeWhenBothEnded = (): void => {
    if (agentEnded && clientEnded && waiting === '' && inbox.length === 0) close();
  };

  const deliver = (): void => {
    while (!paused && !closed && events !== undefined) {
      const next = inbox.shift();
      if (next === undefined) break;
      if (next === 'end') events.ended();
      else events.data(next);
    }
    closeWhenBothEnded();
  };

  const endSending = (): void => {
    if (clientEnded) return;
    clientEnded = true;
    inbox.push('end');
    deliver();
  };

  const connection: Connection = {
    peer,
    encrypted: () => encrypted,
    write: (data) => {
      if (closed || agentEnded) throw new Error('written after the end');
      const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
      if (reads) taken += text;
      else waiting += text;
      return Buffer.byteLength(data);
    },
    pendingBytes: () => waiting.length,
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      deliver();
    },
    end: () => {
      if (agentEnded || closed) return;
      agentEnded = true;
      if (endsWithAgent && reads) endSending();
      closeWhenBothEnded();
    },
    destroy: () => {
      if (!closed) cutOff = true;
      waiting = '';
      close();
    },
  };

  const client: FakeClient = {
    send: (data) => {
      inbox.push(typeof data === 'string' ? latin1Bytes(data) : data);
      deliver();
    },
    endSending,
    startReading: () => {
      reads = true;
      taken += waiting;
      waiting = '';
      if (!closed) events?.drained();
      if (agentEnded && endsWithAgent) endSending();
      closeWhenBothEnded();
    },
    received: () => taken,
    sawEnd: () => agentEnded && waiting === '',
    closed: () => closed,
    cutOff: () => cutOff,
  };

  const attach = (attached: ConnectionEvents): void => {
    events = attached;
    deliver();
  };

  return { connection, client, attach };
};

export const makeFakeNetwork = (): FakeNetwork => {
  let accept: ((connection: Connection) => ConnectionEvents) | undefined;
  return {
    listen: async (address, accepting) => {
      accept = accepting;
      const port = address.kind === 'tcp' ? address.port : undefined;
      return {
        ok: true,
        value: {
          port,
          encrypt: () => undefined,
          close: () => {
            accept = undefined;
          },
        },
      };
    },
    connect: async () => ({ ok: false, error: { code: 'ECONNREFUSED', message: 'refused' } }),
    dial: (options = {}) => {
      if (accept === undefined) throw new Error('nobody listens');
      const { connection, client, attach } = makeWire(options);
      attach(accept(connection));
      return client;
    },
    listening: () => accept !== undefined,
  };
};
