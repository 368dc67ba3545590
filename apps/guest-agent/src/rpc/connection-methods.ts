/**
 * The methods that carry connections to the agent's own HTTP server, for a port that is the guest's
 * only way out. What goes over them is asked for tokens as on any other connection.
 */
import type { ConnectionMethod, ConnectionResults } from '@innkeeper/protocol';
import { decodeBase64, encodeBase64 } from '../auth/base64url.ts';
import type { Clock } from '../platform/platform.ts';
import {
  openCarried,
  type CarriedConnection,
  type CarriedDependencies,
} from './carried-connection.ts';
import type { RpcHandler } from './dispatcher.ts';
import { badParams, paramsOf, secondsParam, textParam } from './params.ts';
import { FAILED, NOT_FOUND, rpcFailure, type RpcOutcome } from './rpc-error.ts';

export interface ConnectionMethods {
  readonly methods: Readonly<Record<ConnectionMethod, RpcHandler>>;
  /** All of them end: nobody is at the other end any more. */
  readonly reset: () => void;
}

export interface ConnectionMethodsDependencies extends Pick<
  CarriedDependencies,
  'accept' | 'text'
> {
  readonly clock: Pick<Clock, 'after'>;
}

/** Pulls, questions, streams of logs and of commands, each with one of its own. */
export const MAX_CARRIED = 24;
/** As packages/protocol has it, whose values the agent does not carry. */
const MAX_BYTES = 32 * 1024;
const MAX_WAIT_SECONDS = 30;
const NAME = /^[\w-]{1,64}$/u;

const nameParam = (params: Readonly<Record<string, unknown>>, name: string): string => {
  const value = textParam(params, name);
  return NAME.test(value)
    ? value
    : badParams(`${name} must be 1 to 64 letters, digits, "_" or "-"`);
};

export const makeConnectionMethods = (
  dependencies: ConnectionMethodsDependencies,
): ConnectionMethods => {
  const { accept, text, clock } = dependencies;
  const open = new Map<string, CarriedConnection>();
  let session = '';

  const reset = (): void => {
    for (const connection of open.values()) connection.close();
    open.clear();
  };

  const gone = (): RpcOutcome<never> => rpcFailure(NOT_FOUND, 'there is no such connection');

  /** Its name, of a session that is the newest one from now on. */
  const read = (params: unknown, more: readonly string[]) => {
    const known = paramsOf(params, ['session', 'connection', ...more]);
    const named = nameParam(known, 'session');
    const name = nameParam(known, 'connection');
    return { known, name, isSession: named === session, session: named };
  };

  const openOne = (params: unknown): RpcOutcome<ConnectionResults['connection_open']> => {
    const { name, isSession, session: asked } = read(params, []);
    if (!isSession) reset();
    session = asked;
    if (open.has(name)) return rpcFailure(FAILED, 'this connection is open already');
    if (open.size >= MAX_CARRIED) return rpcFailure(FAILED, `${MAX_CARRIED} connections are open`);
    const connection = openCarried({
      accept,
      text,
      maxBytes: MAX_BYTES,
      onOver: () => {
        if (open.get(name) === connection) open.delete(name);
      },
    });
    open.set(name, connection);
    return { ok: true, value: { opened: true } };
  };

  const send = async (
    params: unknown,
  ): Promise<RpcOutcome<ConnectionResults['connection_send']>> => {
    const { known, name, isSession } = read(params, ['data']);
    const bytes = decodeBase64(textParam(known, 'data'));
    if (bytes === undefined || bytes.length === 0 || bytes.length > MAX_BYTES) {
      return badParams(`data must be base64 of 1 to ${MAX_BYTES} bytes`);
    }
    const connection = isSession ? open.get(name) : undefined;
    if (connection === undefined) return gone();
    return (await connection.send(bytes)) ? { ok: true, value: { taken: true } } : gone();
  };

  const receive = async (
    params: unknown,
  ): Promise<RpcOutcome<ConnectionResults['connection_receive']>> => {
    const { known, name, isSession } = read(params, ['wait_seconds']);
    const waitSeconds = secondsParam(known, 'wait_seconds', MAX_WAIT_SECONDS);
    const connection = isSession ? open.get(name) : undefined;
    if (connection === undefined) return gone();
    return new Promise((resolve) => {
      const cancel = clock.after(waitSeconds * 1000, () => connection.stopWaiting());
      connection.receive(({ bytes, ended }) => {
        cancel();
        resolve({ ok: true, value: { data: encodeBase64(bytes), ended } });
      });
    });
  };

  const closeOne = (params: unknown): RpcOutcome<ConnectionResults['connection_close']> => {
    const { name, isSession } = read(params, []);
    if (isSession) open.get(name)?.close();
    return { ok: true, value: { closed: true } };
  };

  return {
    methods: {
      connection_open: { scope: undefined, call: openOne },
      connection_send: { scope: undefined, call: send },
      connection_receive: { scope: undefined, call: receive },
      connection_close: { scope: undefined, call: closeOne },
    },
    reset,
  };
};
