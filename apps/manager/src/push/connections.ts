/** The signed-in connections: how many, whose, and which of them must go. */
import type { Authenticator } from '../auth/authenticator.ts';
import type { CloseReason } from './connection.ts';
import type { KeptConnection } from './kept-connection.ts';
import type { PushLimits } from './limits.ts';

export interface Connections {
  add(connection: KeptConnection): void;
  remove(connection: KeptConnection): void;
  all(): Iterable<KeptConnection>;
  count(): number;
  countOf(actorId: string): number;
  bufferedBytes(): number;
  /** Those of one token or session. */
  end(actorId: string): void;
  /** Closes whoever does not read, does not acknowledge, or has too much waiting. */
  check(): void;
  /** Asks for each actor whether it may still be here. */
  recheck(): void;
}

export const makeConnections = ({
  limits,
  monotonicMs,
  stillValid,
  owesSince,
}: {
  readonly limits: PushLimits;
  readonly monotonicMs: () => number;
  readonly stillValid: Authenticator['stillValid'];
  readonly owesSince: (connection: KeptConnection, monotonicMs: number) => boolean;
}): Connections => {
  const byActor = new Map<string, Set<KeptConnection>>();
  let total = 0;
  let buffered = 0;

  function* all(): Generator<KeptConnection> {
    for (const same of byActor.values()) yield* same;
  }

  const reasonToClose = (connection: KeptConnection): CloseReason | undefined => {
    const now = monotonicMs();
    if (connection.watch.bufferedBytes() > limits.maxBufferedBytes) return 'buffer_full';
    if (connection.watch.stalledSince(now - limits.stallTimeoutMs)) return 'stalled';
    const since = now - limits.acknowledgeTimeoutMs;
    return owesSince(connection, since) ? 'no_acknowledgement' : undefined;
  };

  const end = (actorId: string): void => {
    for (const connection of byActor.get(actorId) ?? []) connection.endSession();
  };

  /** The greediest first, until the rest fits. */
  const makeRoom = (connections: KeptConnection[]): void => {
    const sizes = new Map(connections.map((each) => [each, each.watch.bufferedBytes()]));
    for (const [connection, size] of [...sizes].toSorted(([, one], [, other]) => other - one)) {
      if (buffered <= limits.maxTotalBufferedBytes) return;
      buffered -= size;
      connection.close('buffer_full');
    }
  };

  return {
    add(connection) {
      const { id } = connection.actor;
      const same = byActor.get(id);
      if (same === undefined) byActor.set(id, new Set([connection]));
      else same.add(connection);
      total += 1;
    },
    remove(connection) {
      const { id } = connection.actor;
      const same = byActor.get(id);
      if (same?.delete(connection) !== true) return;
      total -= 1;
      if (same.size === 0) byActor.delete(id);
    },
    all,
    count: () => total,
    countOf: (actorId) => byActor.get(actorId)?.size ?? 0,
    bufferedBytes: () => buffered,
    end,
    check() {
      buffered = 0;
      const remaining: KeptConnection[] = [];
      for (const connection of all()) {
        connection.watch.look();
        if (connection.isOpen()) {
          const reason = reasonToClose(connection);
          if (reason === undefined) remaining.push(connection);
          else connection.close(reason);
        } else {
          connection.hurry();
        }
      }
      for (const { watch } of remaining) buffered += watch.bufferedBytes();
      if (buffered > limits.maxTotalBufferedBytes) makeRoom(remaining);
    },
    recheck() {
      for (const [actorId, [first]] of byActor) {
        if (first !== undefined && !stillValid(first.actor)) end(actorId);
      }
    },
  };
};
