/** Which connection goes when there are too many. */
import type { HttpConnection } from './connection.ts';

type Candidate = Pick<HttpConnection, 'peer' | 'waitingSince'>;

/**
 * Of the peer that holds most of them, the connection that has waited for that peer for longest. One
 * that says nothing must not keep another out that has something to say; nor may those that say a
 * byte a second, or as many of them as there may be connections would lock everybody else out. And
 * whoever opens hundreds pushes out his own, not the manager's one.
 */
export const chooseVictim = <Connection extends Candidate>(
  connections: ReadonlySet<Connection>,
): Connection | undefined => {
  const held = new Map<string, number>();
  for (const { peer } of connections) held.set(peer, (held.get(peer) ?? 0) + 1);
  let victim: Connection | undefined;
  let victimHeld = 0;
  let victimSince = Number.POSITIVE_INFINITY;
  for (const connection of connections) {
    const since = connection.waitingSince();
    const count = held.get(connection.peer) ?? 0;
    if (since === undefined || count < victimHeld) continue;
    if (count === victimHeld && since >= victimSince) continue;
    victim = connection;
    victimHeld = count;
    victimSince = since;
  }
  return victim;
};
