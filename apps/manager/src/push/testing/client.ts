/** A socket.io client for tests of a manager that runs elsewhere. */
import { io, type Socket } from 'socket.io-client';

export interface ClientOfTest {
  /** Sent as `auth.token`; null: none. */
  readonly token: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Under way; it does not try again by itself. */
export const connectClient = (url: string, { token, headers }: ClientOfTest): Socket =>
  io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...(token !== null && { auth: { token } }),
    extraHeaders: { ...headers },
  });
