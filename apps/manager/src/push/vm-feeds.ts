/**
 * The feeds of each client. A feed outlives its subscription until what is under way was
 * acknowledged, so that subscribing again and again sends no more than two at a time either.
 */
import type { Connection } from './connection.ts';
import { makeVmFeed, type VmFeed } from './vm-feed.ts';

export interface VmFeeds {
  get(connection: Connection, vmId: string): VmFeed | undefined;
  countOf(connection: Connection): number;
  make(connection: Connection, vmId: string): VmFeed;
  /** Stops it, and forgets it now or when the client has acknowledged all. */
  release(connection: Connection, vmId: string): void;
  owesSince(connection: Connection, monotonicMs: number): boolean;
  /** The client has gone. */
  drop(connection: Connection): void;
}

export const makeVmFeeds = ({
  monotonicMs,
  counters,
}: {
  readonly monotonicMs: () => number;
  readonly counters: { readingsSent: number; readingsReplaced: number };
}): VmFeeds => {
  const byConnection = new Map<Connection, Map<string, VmFeed>>();

  const forget = (connection: Connection, vmId: string, feed: VmFeed): void => {
    const feeds = byConnection.get(connection);
    if (feeds?.get(vmId) !== feed) return;
    feeds.delete(vmId);
    if (feeds.size === 0) byConnection.delete(connection);
  };

  return {
    get: (connection, vmId) => byConnection.get(connection)?.get(vmId),
    countOf: (connection) => byConnection.get(connection)?.size ?? 0,
    make(connection, vmId) {
      const feed = makeVmFeed({
        monotonicMs,
        send(reading, received) {
          counters.readingsSent += 1;
          connection.socket.emit('vm', reading, received);
        },
        onReplaced() {
          counters.readingsReplaced += 1;
        },
        onIdle() {
          if (feed.isPaused()) forget(connection, vmId, feed);
        },
      });
      const feeds = byConnection.get(connection) ?? new Map<string, VmFeed>();
      feeds.set(vmId, feed);
      byConnection.set(connection, feeds);
      return feed;
    },
    release(connection, vmId) {
      const feed = byConnection.get(connection)?.get(vmId);
      if (feed === undefined) return;
      feed.pause();
      if (feed.isIdle()) forget(connection, vmId, feed);
    },
    owesSince(connection, since) {
      for (const feed of byConnection.get(connection)?.values() ?? []) {
        const sentAt = feed.owesSince();
        if (sentAt !== undefined && sentAt <= since) return true;
      }
      return false;
    },
    drop(connection) {
      for (const feed of byConnection.get(connection)?.values() ?? []) feed.pause();
      byConnection.delete(connection);
    },
  };
};
