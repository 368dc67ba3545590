/** TCP and unix stream sockets. HTTP itself is the agent's own (`http/`), shared by all platforms. */
import type {
  Connection,
  ConnectionEvents,
  Listener,
  Network,
  Outcome,
  Peer,
  SocketAddress,
} from '../platform.ts';
import type { Carrier } from './carrier.ts';
import { READABLE, WRITABLE, type EventLoop } from './event-loop.ts';
import { failure, failWith, succeed } from './failure.ts';
import { removeStaleSocket } from './stale-socket.ts';
import type { Names } from './names.ts';
import { openStream } from './stream.ts';
import type { QuickjsTls } from './tls.ts';

/** Connections that are taken before others have their turn. */
const MAX_ACCEPTED_AT_ONCE = 32;
/** No descriptor is left, or no memory: asking at once again would only burn CPU. */
const ACCEPT_AGAIN_MS = 100;
/** Of errno(3): nobody waits any more; who has waited has gone. */
const NOBODY: ReadonlySet<number> = new Set([-11, -103]);

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');

const peerOf = (descriptor: number): Peer => {
  const address = native.peerAddress(descriptor);
  return typeof address === 'string'
    ? { kind: 'tcp', address, loopback: isLoopback(address) }
    : { kind: 'unix' };
};

/** The connection exists before its events do, and they before the first of them happens. */
const attach = (
  loop: EventLoop,
  descriptor: number,
  halfOpen: boolean,
  accept: (connection: Connection) => ConnectionEvents,
  carrier?: Carrier,
): Connection => {
  const stream = openStream(
    loop,
    descriptor,
    { reads: true, aside: false, halfOpen, shutdown: true },
    {
      data: (chunk) => events.data(chunk),
      ended: () => events.ended(),
      drained: () => events.drained(),
      closed: () => events.closed(),
    },
    carrier,
  );
  const connection: Connection = { peer: peerOf(descriptor), ...stream };
  const events = accept(connection);
  return connection;
};

const nameOf = (address: SocketAddress): string =>
  address.kind === 'unix' ? address.path : `${address.host}:${address.port}`;

const bind = (
  loop: EventLoop,
  address: SocketAddress,
  accept: (connection: Connection) => ConnectionEvents,
  tls: QuickjsTls | undefined,
): Outcome<Listener> => {
  const descriptor =
    address.kind === 'unix'
      ? native.listen(address.path)
      : native.listen(address.host, address.port);
  if (descriptor < 0) return failure(descriptor, `listen ${nameOf(address)}`);
  let closed = false;
  let carry: ((descriptor: number) => Carrier) | undefined;

  const listenAgain = (): void => {
    if (!closed) loop.watch(descriptor, READABLE, acceptSome);
  };
  function acceptSome(): void {
    for (let count = 0; count < MAX_ACCEPTED_AT_ONCE && !closed; count += 1) {
      const accepted = native.accept(descriptor);
      if (accepted >= 0) {
        attach(loop, accepted, true, accept, carry?.(accepted));
      } else {
        if (NOBODY.has(accepted)) return;
        loop.forget(descriptor);
        loop.timers.after(ACCEPT_AGAIN_MS, listenAgain);
        return;
      }
    }
  }

  listenAgain();
  return succeed({
    port: native.localPort(descriptor),
    encrypt: (identity) => {
      carry = identity === undefined ? undefined : tls?.carriers(identity);
    },
    close: () => {
      if (closed) return;
      closed = true;
      loop.forget(descriptor);
      native.close(descriptor);
      if (address.kind === 'unix') native.unlink(address.path);
    },
  });
};

/** An address needs no looking up. */
const NUMERIC = /^[\d.]+$|:/u;

/** A connected socket, or why there is none. */
const dialOne = async (
  loop: EventLoop,
  address: SocketAddress,
  timeoutMs: number,
): Promise<Outcome<number>> =>
  new Promise((resolve) => {
    const call = `connect ${nameOf(address)}`;
    const descriptor =
      address.kind === 'unix'
        ? native.connect(address.path)
        : native.connect(address.host, address.port);
    if (descriptor < 0) {
      resolve(failure(descriptor, call));
      return;
    }
    const giveUp = (outcome: Outcome<never>): void => {
      native.close(descriptor);
      resolve(outcome);
    };
    const cancel = loop.timers.after(timeoutMs, () => {
      loop.forget(descriptor);
      giveUp(failWith('ETIMEDOUT', `no answer within ${timeoutMs} ms`, call));
    });
    loop.watch(descriptor, WRITABLE, () => {
      cancel();
      loop.forget(descriptor);
      const problem = native.socketError(descriptor);
      if (problem < 0) giveUp(failure(problem, call));
      else resolve(succeed(descriptor));
    });
  });

/** A name may have several addresses, of which the first that answers counts. */
const dial = async (
  loop: EventLoop,
  names: Names,
  address: SocketAddress,
  timeoutMs: number,
): Promise<Outcome<number>> => {
  if (address.kind === 'unix' || NUMERIC.test(address.host)) {
    return dialOne(loop, address, timeoutMs);
  }
  const until = native.monotonicMs() + timeoutMs;
  const found = await names.lookUp(address.host, timeoutMs);
  if (!found.ok) return found;
  let outcome: Outcome<number> = failWith('ENOTFOUND', 'no address', `connect ${nameOf(address)}`);
  for (const [index, host] of found.value.entries()) {
    const leftMs = until - native.monotonicMs();
    if (outcome.ok || leftMs <= 0) break;
    // One that swallows what it is sent leaves time for the others.
    const share = leftMs / (found.value.length - index);
    outcome = await dialOne(loop, { ...address, host }, share);
  }
  return outcome;
};

export const makeNetwork = (
  loop: EventLoop,
  names: Names,
  tls: QuickjsTls | undefined,
): Network => ({
  listen: async (address, accept) => {
    const outcome = bind(loop, address, accept, tls);
    const isTaken = !outcome.ok && outcome.error.code === 'EADDRINUSE';
    if (!isTaken || address.kind !== 'unix') return outcome;
    return removeStaleSocket(address.path) ? bind(loop, address, accept, tls) : outcome;
  },
  connect: async (address, timeoutMs, accept) => {
    const dialled = await dial(loop, names, address, timeoutMs);
    return dialled.ok ? succeed(attach(loop, dialled.value, false, accept)) : dialled;
  },
});
