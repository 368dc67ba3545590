/** Asks routes as HTTP would, without it. */
import { pageOf } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Actor } from '../../apps/manager/src/auth/actor.ts';
import type { Problem } from '../../apps/manager/src/http/problem.ts';
import type { AnyRoute } from '../../apps/manager/src/http/route.ts';

export const ADMIN: Actor = {
  kind: 'token',
  id: '00000000-0000-4000-8000-00000000aaaa',
  name: 'ada',
  role: 'admin',
  scope: undefined,
};

export interface AskOptions {
  readonly id?: string;
  readonly query?: object;
  readonly body?: object;
  /** An administrator where it is left out. */
  readonly by?: Actor;
}

export type RouteAnswer = Problem | { readonly status: number; readonly body: unknown };

export type AskRoute = (
  method: AnyRoute['method'],
  path: string,
  options?: AskOptions,
) => Promise<RouteAnswer>;

export const makeAskRoute =
  (routes: readonly AnyRoute[]): AskRoute =>
  async (method, path, { id, query = {}, body = {}, by = ADMIN } = {}) => {
    const route = routes.find((one) => one.method === method && one.path === path);
    if (route === undefined) throw new Error(`there is no route ${method} ${path}`);
    const answer = await route.answer({
      params: id === undefined ? {} : { id },
      query,
      readBody: async () => ({ ok: true, body }),
      header: () => undefined,
      signal: new AbortController().signal,
      actor: by,
      findVm: () => undefined,
      requestId: 'request',
      remoteAddress: '192.0.2.7',
    });
    if (!answer.ok) return answer.problem;
    if (!('status' in answer)) throw new Error('this route streams');
    return { status: answer.status, body: answer.body };
  };

/** Of a page of things that have names. */
export const namesIn = (answer: RouteAnswer) => {
  const body = 'body' in answer ? answer.body : undefined;
  const { items, next_cursor: next } = pageOf(z.looseObject({ name: z.string() })).parse(body);
  return { names: items.map(({ name }) => name), next };
};
