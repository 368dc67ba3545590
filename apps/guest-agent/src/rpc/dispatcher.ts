/**
 * JSON-RPC 2.0 without a transport: one message in, one message out, or none for notifications. A
 * batch is answered as a batch; its calls run side by side, and none waits for another's end.
 */
import { isRecord } from '../http/json-body.ts';
import { BadParams, paramsError } from './params.ts';
import {
  FAILED,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  NOT_PERMITTED,
  PARSE_ERROR,
  rpcFailure,
  type RpcOutcome,
} from './rpc-error.ts';

export interface RpcCaller {
  readonly subject: string | undefined;
  may(scope: 'metrics' | 'exec' | 'files' | 'power'): boolean;
}

export interface RpcHandler {
  /** Undefined: any caller may. */
  readonly scope: 'metrics' | 'exec' | 'files' | 'power' | undefined;
  call(params: unknown, caller: RpcCaller): RpcOutcome<unknown> | Promise<RpcOutcome<unknown>>;
}

export type RpcMethods = ReadonlyMap<string, RpcHandler>;

export interface RpcDispatcher {
  /** The answer to the text of one message; undefined where none is due. */
  dispatch(message: string, caller: RpcCaller): Promise<string | undefined>;
}

const MAX_BATCH = 32;
const MAX_AT_ONCE = 32;

interface Response {
  readonly jsonrpc: '2.0';
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: unknown;
}

type Id = Response['id'];

const respond = (id: Id, outcome: RpcOutcome<unknown>): Response =>
  outcome.ok
    ? { jsonrpc: '2.0', id, result: outcome.value }
    : { jsonrpc: '2.0', id, error: outcome.error };

const isId = (value: unknown): value is Id =>
  value === null || typeof value === 'string' || typeof value === 'number';

export const makeRpcDispatcher = (
  methods: RpcMethods,
  onError: (method: string, error: unknown) => void,
  maxAtOnce = MAX_AT_ONCE,
): RpcDispatcher => {
  let underWay = 0;

  const invoke = async (
    name: string,
    params: unknown,
    caller: RpcCaller,
  ): Promise<RpcOutcome<unknown>> => {
    const handler = methods.get(name);
    if (handler === undefined) {
      const known = [...methods.keys()].join(', ');
      const asked = JSON.stringify(name.slice(0, 60));
      return rpcFailure(METHOD_NOT_FOUND, `there is no method ${asked}; there are ${known}`);
    }
    const { scope } = handler;
    if (scope !== undefined && !caller.may(scope)) {
      return rpcFailure(NOT_PERMITTED, `${name} needs a token with the scope ${scope}`);
    }
    if (underWay >= maxAtOnce) return rpcFailure(FAILED, `${maxAtOnce} calls are under way`);
    underWay += 1;
    try {
      return await handler.call(params, caller);
    } catch (error) {
      if (error instanceof BadParams) return paramsError(error);
      onError(name, error);
      return rpcFailure(INTERNAL_ERROR, 'the agent failed to answer; its log says why');
    } finally {
      underWay -= 1;
    }
  };

  /** Undefined for a notification, whatever becomes of it. */
  const handle = async (request: unknown, caller: RpcCaller): Promise<Response | undefined> => {
    if (!isRecord(request)) {
      return respond(null, rpcFailure(INVALID_REQUEST, 'a call is an object'));
    }
    const { jsonrpc, method, params, id } = request;
    const isNotification = !('id' in request);
    const knownId = isId(id) ? id : null;
    if (jsonrpc !== '2.0' || typeof method !== 'string' || !(isNotification || isId(id))) {
      const message = 'a call needs jsonrpc "2.0", a method, and a text or number as id';
      return respond(knownId, rpcFailure(INVALID_REQUEST, message));
    }
    const outcome = await invoke(method, params, caller);
    return isNotification ? undefined : respond(knownId, outcome);
  };

  const handleBatch = async (
    batch: readonly unknown[],
    caller: RpcCaller,
  ): Promise<string | undefined> => {
    if (batch.length === 0 || batch.length > MAX_BATCH) {
      const message = `a batch has 1 to ${MAX_BATCH} calls`;
      return JSON.stringify(respond(null, rpcFailure(INVALID_REQUEST, message)));
    }
    const responses = await Promise.all(batch.map(async (request) => handle(request, caller)));
    const due = responses.filter((response) => response !== undefined);
    return due.length === 0 ? undefined : JSON.stringify(due);
  };

  return {
    dispatch: async (message, caller) => {
      let document: unknown;
      try {
        document = JSON.parse(message);
      } catch (error) {
        const why = error instanceof Error ? error.message.slice(0, 200) : 'malformed';
        return JSON.stringify(respond(null, rpcFailure(PARSE_ERROR, `not valid JSON: ${why}`)));
      }
      if (Array.isArray(document)) return handleBatch(document, caller);
      const response = await handle(document, caller);
      return response === undefined ? undefined : JSON.stringify(response);
    },
  };
};
