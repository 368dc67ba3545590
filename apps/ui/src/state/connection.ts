/**
 * The one socket to the manager. It reconnects for ever, and says at any moment how things stand;
 * whoever has subscribed to something subscribes again after each reconnect.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Acknowledgement, ClientToServer, ServerToClient } from '@innkeeper/protocol';
import { io, type Socket } from 'socket.io-client';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Tried again at `retryAt`, by this machine's clock. */
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number | undefined }
  /** The session is over; only signing in helps. */
  | { readonly kind: 'ended'; readonly message: string };

export type AppSocket = Socket<ServerToClient, ClientToServer>;

export interface Connection {
  readonly state: ReadonlySignal<ConnectionState>;
  readonly socket: AppSocket;
  /** Runs now if connected, and after each reconnect; the answer ends it. */
  onConnect(subscribe: () => void): () => void;
  start(): void;
  retryNow(): void;
  stop(): void;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;
const ACKNOWLEDGE_MS = 10_000;

/** Undefined where the manager said no, or nothing: then the page shows what it has. */
export const acknowledged = async (
  ask: (acknowledge: (answer: Acknowledgement) => void) => void,
): Promise<Acknowledgement> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({ ok: false, error: { code: 'timeout', message: 'The manager did not answer.' } });
    }, ACKNOWLEDGE_MS);
    ask((answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });

export const makeConnection = (now: () => number): Connection => {
  const socket: AppSocket = io({
    autoConnect: false,
    reconnection: false,
    transports: ['websocket', 'polling'],
    withCredentials: true,
  });
  const state = signal<ConnectionState>({ kind: 'connecting' });
  const subscribers = new Set<() => void>();
  let delayMs = FIRST_DELAY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lostAt: number | undefined;
  let stopped = true;

  const connect = (): void => {
    clearTimeout(timer);
    timer = undefined;
    socket.connect();
  };
  const lose = (): void => {
    if (stopped || state.value.kind === 'ended' || timer !== undefined) return;
    lostAt ??= now();
    // Half of it at random, so that a manager that comes back is not met by everybody at once.
    const wait = delayMs / 2 + (Math.random() * delayMs) / 2;
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
    timer = setTimeout(connect, wait);
    state.value = { kind: 'lost', since: lostAt, retryAt: now() + wait };
  };
  socket.on('connect', () => {
    delayMs = FIRST_DELAY_MS;
    lostAt = undefined;
    state.value = { kind: 'live' };
    for (const subscribe of subscribers) subscribe();
  });
  socket.on('disconnect', lose);
  socket.on('connect_error', lose);
  socket.on('session:ended', ({ message }) => {
    state.value = { kind: 'ended', message };
  });

  return {
    state,
    socket,
    onConnect: (subscribe) => {
      subscribers.add(subscribe);
      if (socket.connected) subscribe();
      return () => {
        subscribers.delete(subscribe);
      };
    },
    start: () => {
      stopped = false;
      state.value = { kind: 'connecting' };
      connect();
    },
    retryNow: () => {
      if (state.value.kind === 'lost') connect();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      timer = undefined;
      socket.disconnect();
    },
  };
};
