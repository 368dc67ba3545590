/** How a call fails: a code of JSON-RPC 2.0 or of this agent, and a sentence. */
import type { RpcErrorCode } from '@innkeeper/protocol';
import type { Refusal } from '../http/message.ts';

export interface RpcError {
  readonly code: RpcErrorCode;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: RpcError };

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const FAILED = -32000;
export const NOT_PERMITTED = -32001;
export const NOT_FOUND = -32002;
export const TIMED_OUT = -32003;

export const rpcFailure = (
  code: RpcErrorCode,
  message: string,
  data?: unknown,
): { readonly ok: false; readonly error: RpcError } => ({
  ok: false,
  error: { code, message, ...(data !== undefined && { data }) },
});

const CODES: Readonly<Record<string, RpcErrorCode>> = {
  invalid: INVALID_PARAMS,
  forbidden: NOT_PERMITTED,
  not_found: NOT_FOUND,
};

/** What HTTP would have refused. */
export const rpcRefusal = ({ code, message }: Refusal): ReturnType<typeof rpcFailure> =>
  rpcFailure(CODES[code] ?? FAILED, message);
