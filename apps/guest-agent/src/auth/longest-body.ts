/** Who may send more than a short body: holders of a token with the scope of a route that needs it. */
import type { RequestHead } from '../http/request-head.ts';
import type { CallerOf } from './caller.ts';

/** A script, its input and its environment. */
const EXEC_BYTES = 2 * 1024 * 1024;
/** JSON around a file in base64. */
const RPC_OVERHEAD_BYTES = 64 * 1024;

/** The longest message of JSON-RPC. */
export const rpcMessageBytes = (fileMaxBytes: number): number =>
  Math.ceil(fileMaxBytes / 3) * 4 + RPC_OVERHEAD_BYTES;

export const makeLongestBody = (
  callerOf: CallerOf,
  fileMaxBytes: number,
): ((head: RequestHead) => number | undefined) => {
  const routes = [
    { method: 'POST', path: '/exec', scopes: ['exec'], bytes: EXEC_BYTES },
    { method: 'PUT', path: '/files', scopes: ['files'], bytes: fileMaxBytes },
    {
      method: 'POST',
      path: '/rpc',
      scopes: ['files', 'exec'],
      bytes: rpcMessageBytes(fileMaxBytes),
    },
  ];
  return ({ method, target, headers }) => {
    const [path] = target.split('?');
    const route = routes.find((one) => one.method === method && one.path === path);
    if (route === undefined) return undefined;
    // Whether the token fits this very request is seen when the body is there.
    const { scopes } = callerOf(headers);
    return route.scopes.some((scope) => scopes.includes(scope)) ? route.bytes : undefined;
  };
};
