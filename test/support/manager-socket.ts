/** A socket.io client of a running manager, which keeps what it is sent. */
import {
  acknowledgementSchema,
  readingSchema,
  type Acknowledgement,
  type Reading,
} from '@innkeeper/protocol';
import { connectClient } from '../../apps/manager/src/push/testing/client.ts';
import type { ManagerProcess } from './manager-process.ts';
import { waitUntil } from './wait-until.ts';

export interface ManagerSocket {
  /** Of `vm` events, in the order in which they came. */
  readonly readings: readonly Reading[];
  /** Names and payloads of all other events. */
  readonly others: readonly { readonly name: string; readonly payload: unknown }[];
  emit(name: string, payload?: unknown): Promise<Acknowledgement>;
  /** Waits for a reading that came after this call. */
  until(what: string, isSo: (reading: Reading) => boolean, timeoutMs?: number): Promise<Reading>;
  close(): void;
}

export interface SocketOptions {
  /** Left out: the admin's. Null: none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const ANSWER_MS = 5_000;
const UNTIL_MS = 10_000;

export type Connected =
  | { readonly ok: true; readonly socket: ManagerSocket }
  /** What the manager said. */
  | { readonly ok: false; readonly problem: string };

export const connectSocket = async (
  manager: Pick<ManagerProcess, 'url' | 'adminToken'>,
  { token = manager.adminToken, headers = {} }: SocketOptions = {},
): Promise<Connected> => {
  const client = connectClient(manager.url, { token, headers });
  const readings: Reading[] = [];
  const others: { readonly name: string; readonly payload: unknown }[] = [];
  client.onAny((name: string, payload: unknown, received: unknown) => {
    if (name === 'vm') readings.push(readingSchema.parse(payload));
    else others.push({ name, payload });
    if (typeof received === 'function') Reflect.apply(received, undefined, []);
  });
  const problem = await new Promise<string | undefined>((settle) => {
    client.once('connect', () => settle(undefined));
    client.once('connect_error', (error) => settle(error.message));
  });
  if (problem !== undefined) {
    client.disconnect();
    return { ok: false, problem };
  }
  const socket: ManagerSocket = {
    readings,
    others,
    emit: async (name, payload) => {
      const asked = client.timeout(ANSWER_MS);
      const answer: unknown = await (payload === undefined
        ? asked.emitWithAck(name)
        : asked.emitWithAck(name, payload));
      return acknowledgementSchema.parse(answer);
    },
    until: async (what, isSo, timeoutMs = UNTIL_MS) => {
      const from = readings.length;
      let found: Reading | undefined;
      await waitUntil(
        what,
        () => {
          found = readings.slice(from).find(isSo);
          return found !== undefined;
        },
        timeoutMs,
      );
      if (found === undefined) throw new Error(`not so: ${what}`);
      return found;
    },
    close: () => {
      client.disconnect();
    },
  };
  return { ok: true, socket };
};

/** @throws where it may not connect */
export const openSocket = async (
  manager: Pick<ManagerProcess, 'url' | 'adminToken'>,
  options?: SocketOptions,
): Promise<ManagerSocket> => {
  const connected = await connectSocket(manager, options);
  if (!connected.ok) throw new Error(`the manager refuses the socket: ${connected.problem}`);
  return connected.socket;
};
