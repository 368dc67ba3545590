/**
 * Servers on unix sockets in memory, to which the agent connects. A test decides what each one does
 * with what it is told; like real ones they answer only after the call that asked them.
 */
import type { Connection, ConnectionEvents, Network } from '../platform/platform.ts';
import type { FakeClock } from './fake-clock.ts';
import { latin1Bytes } from './latin1-bytes.ts';

/** The server's end of a connection. */
export interface FakeSession {
  send(data: string | Uint8Array): void;
  close(): void;
  received(): string;
  /** The agent has hung up. */
  isGone(): boolean;
}

export interface FakeServer {
  connected?(session: FakeSession): void;
  received?(session: FakeSession, text: string): void;
}

export interface FakeUnixServers {
  readonly connect: Network['connect'];
  serve(path: string, server: FakeServer): void;
  /** Connecting fails like this; `hang` never answers. */
  refuse(path: string, code: string): void;
  sessions(path: string): readonly FakeSession[];
  openCount(): number;
}

export const makeFakeUnixServers = (clock: FakeClock): FakeUnixServers => {
  const servers = new Map<string, FakeServer>();
  const refusals = new Map<string, string>();
  const made = new Map<string, FakeSession[]>();
  let open = 0;

  const makeEnds = (server: FakeServer) => {
    let events: ConnectionEvents | undefined;
    let text = '';
    let isOver = false;
    let hasHungUp = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      open -= 1;
      queueMicrotask(() => events?.closed());
    };
    const session: FakeSession = {
      send: (data) => {
        if (!isOver) events?.data(typeof data === 'string' ? latin1Bytes(data) : data);
      },
      close: () => {
        if (!isOver) events?.ended();
        end();
      },
      received: () => text,
      isGone: () => hasHungUp,
    };
    const hangUp = (): void => {
      hasHungUp = true;
      end();
    };
    const connection: Connection = {
      peer: { kind: 'unix' },
      encrypted: () => false,
      write: (data) => {
        if (isOver) throw new Error('written after the end');
        if (typeof data !== 'string') throw new Error('the agent writes text here');
        text += data;
        queueMicrotask(() => server.received?.(session, data));
        return Buffer.byteLength(data);
      },
      pendingBytes: () => 0,
      pause: () => undefined,
      resume: () => undefined,
      end: hangUp,
      destroy: hangUp,
    };
    const attach = (attached: ConnectionEvents): void => {
      events = attached;
    };
    return { session, connection, attach };
  };

  const refused = (code: string) =>
    ({ ok: false, error: { code, message: `connect ${code}` } }) as const;

  return {
    connect: async (address, timeoutMs, attach) => {
      const path = address.kind === 'unix' ? address.path : '';
      const refusal = refusals.get(path);
      if (refusal === 'hang') {
        return new Promise((resolve) => {
          clock.after(timeoutMs, () => resolve(refused('ETIMEDOUT')));
        });
      }
      const server = servers.get(path);
      if (refusal !== undefined || server === undefined) return refused(refusal ?? 'ENOENT');
      const ends = makeEnds(server);
      open += 1;
      made.set(path, [...(made.get(path) ?? []), ends.session]);
      ends.attach(attach(ends.connection));
      queueMicrotask(() => server.connected?.(ends.session));
      return { ok: true, value: ends.connection };
    },
    serve: (path, server) => {
      servers.set(path, server);
      refusals.delete(path);
    },
    refuse: (path, code) => {
      refusals.set(path, code);
    },
    sessions: (path) => made.get(path) ?? [],
    openCount: () => open,
  };
};
