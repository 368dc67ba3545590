/** A connection as the push server keeps it: how it ends, and what of it waits below socket.io. */
import type { Actor } from '../auth/actor.ts';
import type { CloseReason, Connection, PushSocket } from './connection.ts';
import { destroyTransport, watchTransport, type TransportWatch } from './transport-watch.ts';

export interface KeptConnection extends Connection {
  readonly watch: TransportWatch;
  /** Says so, takes nothing more from the client, and closes once that was read. */
  endSession(): void;
  /** It was told to go: now it has had the time to read why. */
  hurry(): void;
}

/** How long a client may take to read why it must go. */
const FAREWELL_MS = 2_000;
const ENDED = { code: 'unauthenticated', message: 'the session has ended: sign in again' };

const reasonOf = (text: string): CloseReason => {
  if (text === 'ping timeout') return 'ping_timeout';
  return text === 'transport error' || text === 'parse error' ? 'transport_error' : 'client';
};

export const keepConnection = ({
  socket,
  actor,
  monotonicMs,
  onEnd,
  onClosed,
}: {
  readonly socket: PushSocket;
  readonly actor: Actor;
  readonly monotonicMs: () => number;
  /** Once: from here on nothing may be sent. */
  readonly onEnd: (connection: KeptConnection, reason: CloseReason) => void;
  /** Once, afterwards: the transport is gone too. */
  readonly onClosed: (connection: KeptConnection) => void;
}): KeptConnection => {
  let endedAt: number | undefined;
  const { conn } = socket;

  const end = (reason: CloseReason): boolean => {
    if (endedAt !== undefined) return false;
    endedAt = monotonicMs();
    onEnd(connection, reason);
    return true;
  };

  const connection: KeptConnection = {
    actor,
    socket,
    watch: watchTransport(conn, monotonicMs),
    isOpen: () => endedAt === undefined,
    close(reason) {
      end(reason);
      destroyTransport(conn);
    },
    endSession() {
      if (!end('session_ended')) return;
      socket.emit('session:ended', ENDED);
      // From here on engine.io ignores what the client sends, and ends once this was sent.
      conn.close();
    },
    hurry() {
      if (endedAt !== undefined && monotonicMs() - endedAt > FAREWELL_MS) destroyTransport(conn);
    },
  };
  // A client may also leave without closing: it would have to connect anew to come back.
  socket.on('disconnect', (text) => {
    if (end(reasonOf(text))) conn.close();
  });
  conn.once('close', (text: string) => {
    end(reasonOf(text));
    onClosed(connection);
  });
  return connection;
};
