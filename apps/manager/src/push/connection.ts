/** One signed-in client of the push server, as the features see it. */
import type { ClientToServer, ServerToClient } from '@innkeeper/protocol';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { Actor } from '../auth/actor.ts';

export type PushServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, unknown>;
export type PushSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, unknown>;
/** Of engine.io, below the socket. */
export type EngineConnection = PushSocket['conn'];

export type CloseReason =
  /** The client left, or its network did. */
  | 'client'
  | 'ping_timeout'
  | 'transport_error'
  | 'session_ended'
  /** It has not read for too long. */
  | 'stalled'
  | 'buffer_full'
  | 'no_acknowledgement'
  | 'too_many_events'
  | 'stopped';

export interface Connection {
  readonly actor: Actor;
  readonly socket: PushSocket;
  /** False once it was closed or told to go: what still arrives from it counts for nothing. */
  isOpen(): boolean;
  /** At once, and without waiting for what the client has not read. */
  close(reason: CloseReason): void;
}
