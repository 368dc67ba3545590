/**
 * GET /health: the process can answer. GET /ready: its parts make progress. Both are public, for
 * load balancers and supervisors; what a part says about itself is for those who may read it.
 */
import { z } from 'zod';
import type { Actor } from '../auth/actor.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { authorize } from '../auth/authorize.ts';
import { defineRoute } from '../http/define-route.ts';
import { nothing, type AnyRoute } from '../http/route.ts';
import type { HealthParts, PartHealth } from './probe.ts';

export interface HealthDependencies {
  readonly version: string;
  readonly startedMonotonicMs: number;
  readonly monotonicMs: () => number;
  readonly parts: HealthParts;
  /** The routes are public, so they ask themselves who it is. */
  readonly authenticate: Authenticator['authenticate'];
}

const healthSchema = z.object({
  status: z.literal('ok'),
  version: z.string(),
  uptime_seconds: z.number(),
});

const readySchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  parts: z.record(
    z.string(),
    z.object({
      ok: z.boolean(),
      since: z.int().optional(),
      message: z.string().optional(),
    }),
  ),
});
type Ready = z.infer<typeof readySchema>;

const present = (parts: ReadonlyMap<string, PartHealth>, withDetails: boolean): Ready => ({
  status: [...parts.values()].every(({ ok, isOptional }) => ok || isOptional === true)
    ? 'ready'
    : 'not_ready',
  parts: Object.fromEntries(
    Array.from(parts, ([name, { ok, since, message }]) => [
      name,
      withDetails ? { ok, since, message } : { ok },
    ]),
  ),
});

const query = z.looseObject({});

export const healthRoutes = ({
  version,
  startedMonotonicMs,
  monotonicMs,
  parts,
  authenticate,
}: HealthDependencies): readonly AnyRoute[] => {
  const mayKnowMore = (header: (name: string) => string | undefined): boolean => {
    const answer = authenticate({
      authorization: header('authorization'),
      cookie: header('cookie'),
    });
    const actor: Actor | undefined = answer.ok ? answer.actor : undefined;
    return actor !== undefined && authorize(actor, 'manager.read', undefined);
  };
  return [
    defineRoute({
      method: 'get',
      path: '/health',
      tag: 'Health',
      summary: 'Whether the process can answer at all',
      params: nothing,
      query,
      body: nothing,
      access: 'public',
      answers: { 200: { description: 'It can', schema: healthSchema } },
      handle: () => {
        const uptime = Math.floor((monotonicMs() - startedMonotonicMs) / 1_000);
        const answer = { status: 'ok', version, uptime_seconds: uptime };
        return Promise.resolve({ ok: true, status: 200, body: answer });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/ready',
      tag: 'Health',
      summary: 'Whether its parts make progress',
      params: nothing,
      query,
      body: nothing,
      access: 'public',
      answers: {
        200: { description: 'All of them do', schema: readySchema },
        503: { description: 'Some do not, or the start is under way', schema: readySchema },
      },
      handle: ({ header }) => {
        const answer = present(parts.read(), mayKnowMore(header));
        const status = answer.status === 'ready' ? 200 : 503;
        return Promise.resolve({ ok: true, status, body: answer });
      },
    }),
  ];
};
