/**
 * The list of routes as a page to read: plain HTML, made on the server, without scripts. Its style
 * is inline and allowed by its hash, so that the page needs no other file.
 */
import { createHash } from 'node:crypto';
import { API_PAGE_STYLE } from './api-page-style.ts';
import { escapeHtml, html, joinHtml, type Html } from './html.ts';
import { makeSchemaCollector } from './json-schema.ts';
import { describeAccess, listFields, type ApiFacts } from './openapi.ts';
import type { AnyRoute } from './route.ts';

interface Field {
  readonly name: string;
  readonly place: string;
  readonly accepts: string;
  readonly isRequired: boolean;
}

const MAX_ACCEPTS = 160;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `1…128`; undefined where there is neither end. */
const describeRange = (least: unknown, most: unknown): string | undefined => {
  const ends = [least, most].map((end) => (typeof end === 'number' ? String(end) : ''));
  return ends.every((end) => end === '') ? undefined : ends.join('…');
};

/** `string, 1…128 characters`, `integer, 1…1000, default 100`, `viewer | operator | admin` */
const describeType = (json: unknown): string => {
  if (!isRecord(json)) return 'anything';
  const { $ref: ref, anyOf, enum: words, const: only, type, format, items, description } = json;
  if (typeof description === 'string') return description;
  if (typeof ref === 'string') return (ref.split('/').at(-1) ?? '').replace(/^.*:/u, '');
  if (Array.isArray(anyOf)) return anyOf.map(describeType).join(' | ');
  if (Array.isArray(words)) return words.map(String).join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (type === 'object' && isRecord(json['properties'])) {
    const { items: list, next_cursor: cursor } = json['properties'];
    if (isRecord(list) && cursor !== undefined) return `page of ${describeType(list['items'])}`;
    return `{${Object.keys(json['properties']).join(', ')}}`;
  }
  const name = [type]
    .flat()
    .map((word) => (typeof word === 'string' ? word : 'anything'))
    .join(' | ');
  const range = describeRange(json['minimum'], json['maximum']);
  const length = describeRange(json['minLength'], json['maxLength']);
  const parts = [
    type === 'array' ? `list of ${describeType(items)}` : name,
    ...(typeof format === 'string' ? [format] : []),
    ...(range === undefined ? [] : [range]),
    ...(length === undefined ? [] : [`${length} characters`]),
    ...('default' in json ? [`default ${JSON.stringify(json['default'])}`] : []),
  ];
  const text = parts.join(', ');
  return text.length > MAX_ACCEPTS ? `${text.slice(0, MAX_ACCEPTS)}…` : text;
};

const fieldsOf = (route: AnyRoute): Field[] => {
  const schemas = makeSchemaCollector();
  return (
    [
      ['path', route.params],
      ['query', route.query],
      ['body', route.body],
    ] as const
  ).flatMap(([place, schema]) => {
    const json = schemas.expand(schema, 'input');
    const fields = listFields(json);
    if (place === 'body' && !('properties' in json)) {
      return [{ name: 'the body', place, accepts: describeType(json), isRequired: true }];
    }
    return fields.map(({ name, schema: field, isRequired }) => ({
      name,
      place,
      accepts: describeType(field),
      isRequired: place === 'path' || isRequired,
    }));
  });
};

const anchorOf = ({ method, path }: AnyRoute): string =>
  `${method}${path.replaceAll(/[^A-Za-z0-9]+/gu, '-')}`;

const renderFields = (fields: readonly Field[]): Html => {
  if (fields.length === 0) return html``;
  const rows = fields.map(
    ({ name, place, accepts, isRequired }) =>
      html`<tr>
        <th scope="row"><code>${name}</code></th>
        <td>${place}</td>
        <td>${isRequired ? 'required' : ''}</td>
        <td>${accepts}</td>
      </tr>`,
  );
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">In</th>
        <th scope="col"></th>
        <th scope="col">Accepts</th>
      </tr>
    </thead>
    <tbody>
      ${joinHtml(rows)}
    </tbody>
  </table>`;
};

const answersOf = (route: AnyRoute): [string, string][] => {
  const schemas = makeSchemaCollector();
  return [
    ...Object.entries(route.answers).map(([status, { description, schema }]): [string, string] => [
      status,
      schema === undefined
        ? description
        : `${description}: ${describeType(schemas.add(schema, 'output'))}`,
    ]),
    ...Object.entries(route.problems ?? {}),
  ];
};

const renderRoute = (route: AnyRoute): Html => {
  const answers = answersOf(route).map(
    ([status, text]) =>
      html`<dt><code>${status}</code></dt>
        <dd>${text}</dd>`,
  );
  return html`<article id="${anchorOf(route)}">
    <h3>
      <span class="method ${route.method}">${route.method.toUpperCase()}</span>
      <code>${route.path}</code>
    </h3>
    <p>${route.summary}.</p>
    <p class="who">For ${describeAccess(route.access)}</p>
    ${renderFields(fieldsOf(route))}
    <dl>${joinHtml(answers)}</dl>
  </article>`;
};

const byTag = (routes: readonly AnyRoute[]): Map<string, AnyRoute[]> => {
  const groups = new Map<string, AnyRoute[]>();
  for (const route of routes) groups.set(route.tag, [...(groups.get(route.tag) ?? []), route]);
  return groups;
};

const renderNavigation = (groups: ReadonlyMap<string, readonly AnyRoute[]>): Html => {
  const sections = [...groups].map(([tag, routes]) => {
    const items = routes.map(
      (route) =>
        html`<li>
          <a href="#${anchorOf(route)}"
            ><span class="method ${route.method}">${route.method.toUpperCase()}</span>
            ${route.path}</a
          >
        </li>`,
    );
    return html`<h2>${tag}</h2>
      <ul>
        ${joinHtml(items)}
      </ul>`;
  });
  return html`<nav aria-label="Routes">${joinHtml(sections)}</nav>`;
};

export interface ApiPage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

export const renderApiPage = (routes: readonly AnyRoute[], { version }: ApiFacts): ApiPage => {
  const groups = byTag(routes);
  const sections = [...groups].map(
    ([tag, group]) =>
      html`<section>
        <h2>${tag}</h2>
        ${joinHtml(group.map(renderRoute))}
      </section>`,
  );
  const body = html`<header>
      <h1>Innkeeper API</h1>
      <p>
        Version ${version}. Send a token as <code>Authorization: Bearer ik_…</code>. Errors are
        <code>{"error":{"code","message"}}</code>. Times are unix milliseconds.
        <a href="/openapi.json">openapi.json</a>
      </p>
    </header>
    <div class="columns">
      ${renderNavigation(groups)}
      <main>${joinHtml(sections)}</main>
    </div>`;
  const hash = createHash('sha256').update(API_PAGE_STYLE).digest('base64');
  return {
    html: [
      '<!doctype html><html lang="en"><head><meta charset="utf-8">',
      '<meta name="viewport" content="width=device-width, initial-scale=1">',
      `<title>${escapeHtml('Innkeeper API')}</title><style>${API_PAGE_STYLE}</style></head><body>`,
      body.markup,
      '</body></html>',
    ].join('\n'),
    contentSecurityPolicy: [
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
};
