/** `GET /openapi.json` and `GET /docs/api`: what the manager can be asked. */
import { z } from 'zod';
import { renderApiPage, type ApiPage } from './api-page.ts';
import { defineRoute } from './define-route.ts';
import { makeOpenApi, type ApiFacts } from './openapi.ts';
import { nothing, type AnyRoute } from './route.ts';

/** Public, and the same until the next version: browsers may keep it for a while. */
const CACHE = { 'cache-control': 'public, max-age=300' };

/** `listRoutes` is asked at the first request, when the table has these two as well. */
export const makeApiRoutes = (
  listRoutes: () => readonly AnyRoute[],
  facts: ApiFacts,
): AnyRoute[] => {
  let document: string | undefined;
  let page: ApiPage | undefined;
  return [
    defineRoute({
      method: 'get',
      path: '/openapi.json',
      tag: 'About',
      summary: 'Describes this API as OpenAPI 3.1',
      access: 'public',
      params: nothing,
      query: nothing,
      body: nothing,
      answers: { 200: { description: 'The document', schema: z.looseObject({}) } },
      handle: async () => {
        document ??= JSON.stringify(makeOpenApi(listRoutes(), facts));
        const contentType = 'application/json; charset=utf-8';
        return { ok: true, status: 200, body: document, contentType, headers: CACHE };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/docs/api',
      tag: 'About',
      summary: 'Describes this API as a page to read',
      access: 'public',
      params: nothing,
      query: nothing,
      body: nothing,
      answers: { 200: { description: 'The page', schema: z.string(), contentType: 'text/html' } },
      handle: async () => {
        page ??= renderApiPage(listRoutes(), facts);
        return {
          ok: true,
          status: 200,
          body: page.html,
          contentType: 'text/html; charset=utf-8',
          headers: { ...CACHE, 'content-security-policy': page.contentSecurityPolicy },
        };
      },
    }),
  ];
};
