/** The agent's HTTP server on one or more sockets: it counts, caps and ends connections. */
import type {
  Clock,
  Connection,
  ConnectionEvents,
  Listener,
  Network,
  Outcome,
  SocketAddress,
  TextCodec,
  TlsIdentity,
} from '../platform/platform.ts';
import { makeBodyRooms } from './body-room.ts';
import { makeHttpConnection, type Answer, type HttpConnection } from './connection.ts';
import { guard } from './guard.ts';
import { chooseVictim } from './eviction.ts';
import type { HttpLimits } from './limits.ts';
import type { HttpRequest } from './message.ts';
import type { RequestHead } from './request-head.ts';

export interface HttpCounters {
  readonly connections: number;
  readonly acceptedTotal: number;
  /** Quiet connections that had to go to let a new one in. */
  readonly evictedTotal: number;
  readonly timedOutTotal: number;
  /** Requests refused because too many were under way. */
  readonly busyTotal: number;
}

export interface HttpServer {
  /** A connection that has come by another way than `listen`. */
  accept(connection: Connection): ConnectionEvents;
  listen(address: SocketAddress): Promise<Outcome<{ readonly port: number | undefined }>>;
  /** What TCP connections may begin TLS with from now on; a unix socket leads nowhere else. */
  encrypt(identity: TlsIdentity | undefined): void;
  counters(): HttpCounters;
  /** Stops accepting, lets what is under way finish, and ends what has not by then. */
  stop(graceMs: number): Promise<void>;
}

export interface HttpServerDependencies {
  readonly network: Network;
  readonly clock: Clock;
  readonly text: TextCodec;
  readonly limits: HttpLimits;
  /** How long a body this request may have, where that is more than `limits.bodyBytes`. */
  readonly longestBody?: (head: RequestHead) => number | undefined;
  /** How much such bodies have together. */
  readonly longBodiesBytes?: number;
  readonly answer: Answer;
  /** A bug in a route. */
  readonly onError: (request: HttpRequest, error: unknown) => void;
}

export const makeHttpServer = (dependencies: HttpServerDependencies): HttpServer => {
  const { network, clock, text, limits, onError } = dependencies;
  const guarded = guard(dependencies.answer, limits.requestsInFlight, onError);
  const bodyRoom = makeBodyRooms(
    limits.bodyBytes,
    dependencies.longestBody,
    dependencies.longBodiesBytes,
  );
  const open = new Set<HttpConnection>();
  const listeners: Listener[] = [];
  let identity: TlsIdentity | undefined;
  let allClosed: (() => void) | undefined;
  let acceptedTotal = 0;
  let evictedTotal = 0;
  let timedOutTotal = 0;
  let isStopping = false;

  const makeRoom = (): void => {
    if (open.size <= limits.connections) return;
    const victim = chooseVictim(open);
    if (victim === undefined) return;
    evictedTotal += 1;
    open.delete(victim);
    victim.destroy();
  };

  const accept = (connection: Connection): ConnectionEvents => {
    acceptedTotal += 1;
    const accepted = makeHttpConnection(connection, {
      clock,
      text,
      limits,
      bodyRoom,
      answer: guarded.answer,
      onTimeout: () => {
        timedOutTotal += 1;
      },
      onClosed: () => {
        open.delete(accepted);
        if (open.size === 0) allClosed?.();
      },
    });
    // All are busy with a request: the newcomer waits its turn elsewhere.
    if (isStopping || (open.size >= limits.connections && chooseVictim(open) === undefined)) {
      evictedTotal += 1;
      connection.destroy();
      return accepted.events;
    }
    open.add(accepted);
    makeRoom();
    return accepted.events;
  };

  const encryptOn = (listener: Listener): void => {
    if (listener.port !== undefined) listener.encrypt(identity);
  };

  return {
    accept,
    encrypt: (next) => {
      identity = next;
      for (const listener of listeners) encryptOn(listener);
    },
    listen: async (address) => {
      const outcome = await network.listen(address, accept);
      if (!outcome.ok) return outcome;
      listeners.push(outcome.value);
      encryptOn(outcome.value);
      return { ok: true, value: { port: outcome.value.port } };
    },
    counters: () => ({
      connections: open.size,
      acceptedTotal,
      evictedTotal,
      timedOutTotal,
      busyTotal: guarded.refusedTotal(),
    }),
    stop: async (graceMs) => {
      isStopping = true;
      for (const listener of listeners) listener.close();
      if (open.size === 0) return;
      const closed = new Promise<void>((resolve) => {
        allClosed = resolve;
      });
      for (const connection of open) connection.finish();
      const cancel = clock.after(graceMs, () => {
        for (const connection of open) connection.destroy();
      });
      await closed;
      cancel();
    },
  };
};
