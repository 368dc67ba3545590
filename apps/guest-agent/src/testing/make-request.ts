/** A request as a route sees it: GET /health over loopback, changed as a test needs it. */
import type { HttpRequest } from '../http/message.ts';
import { parseTarget } from '../http/target.ts';

export interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly peer?: HttpRequest['peer'];
  readonly encrypted?: boolean;
}

export const LOOPBACK_PEER = { kind: 'tcp', address: '127.0.0.1', loopback: true } as const;
export const REMOTE_PEER = { kind: 'tcp', address: '192.0.2.9', loopback: false } as const;
export const UNIX_PEER = { kind: 'unix' } as const;

export const makeRequest = (parts: RequestParts = {}): HttpRequest => {
  const target = parts.target ?? '/health';
  const parsed = parseTarget(target);
  if ('refusal' in parsed) throw new Error(`not a target: ${target}`);
  return {
    method: parts.method ?? 'GET',
    target,
    ...parsed.target,
    headers: new Map(Object.entries({ host: '127.0.0.1:8080', ...parts.headers })),
    body: parts.body ?? new Uint8Array(0),
    peer: parts.peer ?? LOOPBACK_PEER,
    encrypted: parts.encrypted ?? false,
  };
};
