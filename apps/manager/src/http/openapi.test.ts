import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { pageOf, tokenSchema, vmCreateSchema, vmSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { serveApp } from '../../../../test/support/http-served-app.ts';
import { openApiSchema, refsIn } from '../../../../test/support/openapi-document.ts';
import { renderApiPage } from './api-page.ts';
import { makeApiRoutes } from './api-routes.ts';
import { defineRoute } from './define-route.ts';
import { makeOpenApi, toOpenApiPath } from './openapi.ts';
import { idParams, nothing, type AnyRoute } from './route.ts';

const facts = { version: '1.2.3' };

const someRoutes: AnyRoute[] = [
  defineRoute({
    method: 'post',
    path: '/v1/vms',
    tag: 'VMs',
    summary: 'Registers <b>a VM</b>',
    access: { action: 'vm.create' },
    params: nothing,
    query: nothing,
    body: vmCreateSchema,
    answers: { 201: { description: 'The VM', schema: vmSchema } },
    problems: { '409 name_taken': 'Another VM has the name.' },
    handle: async () => ({ ok: true, status: 201 }),
  }),
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/tokens',
    tag: 'VMs',
    summary: 'Lists',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: z.strictObject({
      limit: z.coerce.number().int().max(7).default(3),
      from: z.string(),
      labels: z.string().optional().describe('a selector of <b>labels</b>'),
    }),
    body: nothing,
    answers: { 200: { description: 'A page', schema: pageOf(tokenSchema) } },
    handle: async () => ({ ok: true, status: 200 }),
  }),
];
const routes: AnyRoute[] = [...someRoutes, ...makeApiRoutes(() => routes, facts)];

describe('the OpenAPI document', () => {
  const json = makeOpenApi(routes, facts);
  const document = openApiSchema.parse(JSON.parse(JSON.stringify(json)));

  test('has each route of the table and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const mounted = routes.map(({ method, path }) => `${method} ${toOpenApiPath(path)}`);
    expect(described.toSorted()).toEqual(mounted.toSorted());
  });

  test('refers to nothing that it does not have, and has nothing that it does not refer to', () => {
    const refs = new Set(refsIn(json));
    const components = Object.keys(document.components.schemas);
    expect([...refs].toSorted()).toEqual(
      components.map((name) => `#/components/schemas/${name}`).toSorted(),
    );
    expect(components).toEqual(
      expect.arrayContaining(['ErrorBody', 'Token', 'Vm', 'VmCreate', 'VmLatest']),
    );
  });

  test('names each operation once, and each part of a path as a parameter', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((found) => ({ path, found })),
    );
    const ids = operations.map(({ found }) => found?.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, found } of operations) {
      const names = found?.parameters.filter((parameter) => parameter.in === 'path');
      expect(names?.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/gu) ?? []);
    }
  });

  test('tells what may be left out, who may ask, and what can go wrong', () => {
    const create = document.paths['/v1/vms']?.post;
    expect(create?.description).toBe('For: operator, admin (vm.create).');
    expect(create?.responses).toHaveProperty(
      '409.description',
      expect.stringContaining('name_taken'),
    );
    expect(document.components.schemas['VmCreate']).toMatchObject({
      required: ['name'],
      additionalProperties: false,
    });
    expect(document.components.schemas['Vm']).not.toHaveProperty('additionalProperties');
    const list = document.paths['/v1/vms/{id}/tokens']?.get;
    expect(list?.parameters).toMatchObject([
      { name: 'id', in: 'path', required: true },
      { name: 'limit', in: 'query', required: false, schema: { type: 'integer', default: 3 } },
      { name: 'from', in: 'query', required: true },
      { name: 'labels', schema: { description: 'a selector of <b>labels</b>' } },
    ]);
    expect(list?.requestBody).toBeUndefined();
    expect(Object.keys(list?.responses ?? {})).not.toContain('415');
    expect(create?.responses['415']?.description).toContain('application/json');
    expect(list?.responses['404']?.description).toContain('vm_not_found');
    expect(document.paths['/openapi.json']?.get?.security).toEqual([]);
  });
});

describe('over HTTP', () => {
  test('the document and the page are there for everybody', async () => {
    const app = await serveApp({ routes });
    try {
      const described = await app.ask('/openapi.json');
      expect(described.status).toBe(200);
      expect(described.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(described.json()).toEqual(JSON.parse(JSON.stringify(makeOpenApi(routes, facts))));
      const page = await app.ask('/docs/api');
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='/u,
      );
    } finally {
      await app.stop();
    }
  });
});

describe('the page', () => {
  const { html, contentSecurityPolicy } = renderApiPage(routes, facts);

  test('has each route with who may ask, and what it takes', () => {
    for (const { path } of routes) expect(html).toContain(`<code>${path}</code>`);
    expect(html).toContain('For operator, admin (vm.create)');
    expect(html.replaceAll(/\s+/gu, ' ')).toContain('integer, …7, default 3');
    expect(html).toContain('a selector of &lt;b&gt;labels&lt;/b&gt;');
  });

  test('allows its own style by hash, and no other', () => {
    const [, style = ''] = /<style>([^<]*)<\/style>/u.exec(html) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(contentSecurityPolicy).toContain(`style-src 'sha256-${hash}';`);
    expect(contentSecurityPolicy).not.toContain('unsafe');
  });

  test('needs no script and no other file, and escapes what it is given', () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|url\(|@import|style="/u);
    expect(html).toContain('Registers &lt;b&gt;a VM&lt;/b&gt;');
  });

  test('has an element for each place that it links to', () => {
    const targets = [...html.matchAll(/href="#([^"]+)"/gu)].map(([, id = '']) => id);
    const ids = [...html.matchAll(/id="([^"]+)"/gu)].map(([, id = '']) => id);
    expect(targets.toSorted()).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(routes.length);
  });
});
