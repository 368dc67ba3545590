/** The manager's REST API. Failures are values: each page says what went wrong where it matters. */
import type { ErrorBody } from '@innkeeper/protocol';

export interface ApiProblem {
  /** Undefined: no answer at all. */
  readonly status: number | undefined;
  readonly code: string;
  readonly message: string;
}

export type ApiResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: ApiProblem };

export interface Api {
  get<Value>(path: string, options?: { readonly signal?: AbortSignal }): Promise<ApiResult<Value>>;
  /** What is no JSON: a text, an image. */
  file(path: string): Promise<ApiResult<Blob>>;
  send<Value>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<ApiResult<Value>>;
}

export interface ApiDependencies {
  readonly fetch: typeof fetch;
  readonly csrfToken: () => string | null;
  /** Called when the manager no longer knows us. */
  readonly onSignedOut: () => void;
}

const TIMEOUT_MS = 20_000;

const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' &&
  value !== null &&
  'error' in value &&
  typeof value.error === 'object' &&
  value.error !== null &&
  'code' in value.error &&
  'message' in value.error;

const unreachable = (error: unknown): ApiProblem => ({
  status: undefined,
  code: 'unreachable',
  message:
    error instanceof Error && error.name === 'TimeoutError'
      ? 'The manager did not answer in time.'
      : 'The manager cannot be reached.',
});

const problemOf = async (response: Response): Promise<ApiProblem> => {
  const body: unknown = await response.json().catch(() => undefined);
  const { code, message } = isErrorBody(body)
    ? body.error
    : { code: 'http', message: `The manager answered with status ${response.status}.` };
  return { status: response.status, code, message };
};

const parseAnswer = async <Value>(response: Response): Promise<ApiResult<Value>> => {
  if (response.ok) {
    // Same origin, same release: the manager's tests hold its answers to packages/protocol, and
    // zod would be a third of what a page loads.
    // oxlint-disable-next-line typescript/no-unsafe-assignment
    const value: Value = response.status === 204 ? undefined : await response.json();
    return { ok: true, value };
  }
  return { ok: false, problem: await problemOf(response) };
};

const parseFile = async (response: Response): Promise<ApiResult<Blob>> =>
  response.ok
    ? { ok: true, value: await response.blob() }
    : { ok: false, problem: await problemOf(response) };

export const makeApi = ({ fetch, csrfToken, onSignedOut }: ApiDependencies): Api => {
  const ask = async <Value>(
    path: string,
    init: RequestInit,
    parse: (response: Response) => Promise<ApiResult<Value>> = parseAnswer,
  ): Promise<ApiResult<Value>> => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const asked = init.signal ?? undefined;
    const signal = asked === undefined ? timeout : AbortSignal.any([asked, timeout]);
    try {
      const response = await fetch(path, { ...init, signal, credentials: 'same-origin' });
      if (response.status === 401) onSignedOut();
      return await parse(response);
    } catch (error) {
      return { ok: false, problem: unreachable(error) };
    }
  };
  return {
    get: async (path, { signal } = {}) => ask(path, signal === undefined ? {} : { signal }),
    file: async (path) => ask(path, {}, parseFile),
    send: async (method, path, body) => {
      const token = csrfToken();
      return ask(path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === null ? {} : { 'x-csrf-token': token }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    },
  };
};
