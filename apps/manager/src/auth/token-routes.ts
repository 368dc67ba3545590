/** `/v1/tokens`: who may use the manager. */
import {
  createdTokenSchema,
  pageOf,
  tokenCreateSchema,
  tokenSchema,
  type Token,
} from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse, type Problem } from '../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import { parseLabelSelector } from '../vms/label-selector.ts';
import { storable } from '../vms/storable-text.ts';
import type { TokenRecord } from './token-record.ts';
import type { Tokens } from './tokens.ts';

const invalid = (message: string): Problem => ({ status: 422, code: 'invalid', message });

export interface TokenRoutesOptions {
  readonly tokens: Pick<Tokens, 'list' | 'create' | 'revoke' | 'lastUsedAt'>;
  readonly clock: Pick<Clock, 'now'>;
}

export const makeTokenRoutes = ({ tokens, clock }: TokenRoutesOptions): AnyRoute[] => {
  const toWire = (token: TokenRecord): Token => ({
    id: token.id,
    name: token.name,
    role: token.role,
    scope: token.scope?.text ?? null,
    created_at: token.createdAt,
    expires_at: token.expiresAt ?? null,
    last_used_at: tokens.lastUsedAt(token.id) ?? null,
  });

  return [
    defineRoute({
      method: 'get',
      path: '/v1/tokens',
      tag: 'Access',
      summary: 'Lists the tokens, without their secrets',
      access: { action: 'token.manage' },
      params: nothing,
      query: nothing,
      body: nothing,
      // There is a limit on tokens, so that one page always has all.
      answers: { 200: { description: 'All tokens', schema: pageOf(tokenSchema) } },
      handle: async () => ({
        ok: true,
        status: 200,
        body: { items: tokens.list().map(toWire), next_cursor: null },
      }),
    }),
    defineRoute({
      method: 'post',
      path: '/v1/tokens',
      tag: 'Access',
      summary: 'Makes a token; only this answer has its secret',
      access: { action: 'token.manage' },
      params: nothing,
      query: nothing,
      body: storable(tokenCreateSchema),
      answers: { 201: { description: 'The token with its secret', schema: createdTokenSchema } },
      problems: { '409 too_many_tokens': 'There are as many tokens as there may be.' },
      handle: async ({ body, actor, requestId, remoteAddress }) => {
        const { name, role } = body;
        const scope = body.scope === null ? undefined : parseLabelSelector(body.scope);
        if (scope?.ok === false) return refuse(invalid(`scope: ${scope.problem}`));
        const expiresAt = body.expires_at ?? undefined;
        if (expiresAt !== undefined && expiresAt <= clock.now()) {
          return refuse(invalid('expires_at: must be in the future, in unix milliseconds'));
        }
        const made = await tokens.create(
          { name, role, scope: scope?.selector, expiresAt },
          { actor, request: { requestId, remoteAddress } },
        );
        if (!made.ok) return made;
        return { ok: true, status: 201, body: { ...toWire(made.token), token: made.secret } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/tokens/:id',
      tag: 'Access',
      summary: 'Revokes a token; its sessions and connections end at once',
      access: { action: 'token.manage' },
      params: idParams,
      query: nothing,
      body: nothing,
      answers: { 204: { description: 'The token is revoked' } },
      problems: {
        '404 token_not_found': 'There is no such token.',
        '409 last_admin': 'Nobody could manage tokens any more.',
      },
      handle: async ({ params, actor, requestId, remoteAddress }) => {
        const revoked = await tokens.revoke(params.id, {
          actor,
          request: { requestId, remoteAddress },
        });
        return revoked.ok ? { ok: true, status: 204 } : revoked;
      },
    }),
  ];
};
