/** The OpenAPI 3.1 document, from the same table that is mounted. https://spec.openapis.org/oas/v3.1.1 */
import { errorBodySchema } from '@innkeeper/protocol';
import { rolesFor } from '../auth/authorize.ts';
import { makeSchemaCollector, type Json, type SchemaCollector } from './json-schema.ts';
import type { Access, AnyRoute } from './route.ts';

export interface ApiFacts {
  readonly version: string;
}

/** Problems that any route can have, beside those of its own. */
const GENERAL_PROBLEMS = {
  401: 'unauthenticated: no token or session, or one that has ended',
  403: 'forbidden, csrf_token_wrong, origin_not_allowed',
  422: 'invalid: the message names the field',
  503: 'database_unavailable: try again after Retry-After',
} as const;

/** And those of whoever sends a body. */
const BODY_PROBLEMS = {
  400: 'malformed_json: the body is not JSON in UTF-8',
  413: 'body_too_large',
  415: 'unsupported_media_type: send content-type: application/json',
} as const;

const isPublic = (access: Access): boolean => access === 'public';

/** `operator, admin: vm.update` */
export const describeAccess = (access: Access): string => {
  if (access === 'public') return 'everybody';
  if (access === 'signed-in') return 'whoever is signed in';
  return `${rolesFor(access.action).join(', ')} (${access.action})`;
};

/** The properties of a schema of parameters: each with whether it must be there. */
export const listFields = (
  json: Json,
): { readonly name: string; readonly schema: unknown; readonly isRequired: boolean }[] => {
  const { properties, required } = json;
  if (typeof properties !== 'object' || properties === null) return [];
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, schema]: [string, unknown]) => ({
    name,
    schema,
    isRequired: names.includes(name),
  }));
};

const parametersOf = (route: AnyRoute, schemas: SchemaCollector): Json[] =>
  (['path', 'query'] as const).flatMap((place) =>
    listFields(schemas.expand(place === 'path' ? route.params : route.query, 'input')).map(
      ({ name, schema, isRequired }) => ({
        name,
        in: place,
        // A part of the path is always there.
        required: place === 'path' || isRequired,
        schema,
      }),
    ),
  );

const requestBodyOf = (route: AnyRoute, schemas: SchemaCollector): Json | undefined => {
  const schema = schemas.add(route.body, 'input');
  const fields = listFields(schema);
  const isClosed = schema['type'] === 'object' && schema['additionalProperties'] === false;
  if (isClosed && fields.length === 0) return undefined;
  return { required: true, content: { 'application/json': { schema } } };
};

const responsesOf = (route: AnyRoute, schemas: SchemaCollector, hasBody: boolean): Json => {
  const error = { schema: schemas.add(errorBodySchema, 'output') };
  const problems = new Map<string, string[]>();
  const note = (status: string, text: string): void => {
    problems.set(status, [...(problems.get(status) ?? []), text]);
  };
  const general = hasBody ? { ...BODY_PROBLEMS, ...GENERAL_PROBLEMS } : GENERAL_PROBLEMS;
  for (const [status, text] of Object.entries(general)) {
    if (status === '401' && isPublic(route.access)) continue;
    note(status, text);
  }
  if (typeof route.access === 'object' && route.access.vm === 'id') {
    note('404', 'vm_not_found: there is no such VM, or none that the caller may see');
  }
  if (route.isStream === true) {
    note('429', 'too_many_streams: too many answers that last are open');
  }
  for (const [problem, text] of Object.entries(route.problems ?? {})) {
    const [status = '', code = ''] = problem.split(' ');
    note(status, `${code}: ${text}`);
  }
  const answers = Object.entries(route.answers).map(([status, answer]): [string, Json] => [
    status,
    {
      description: answer.description,
      ...(answer.schema !== undefined && {
        content: {
          [answer.contentType ?? 'application/json']: {
            schema: schemas.add(answer.schema, 'output'),
          },
        },
      }),
    },
  ]);
  const refusals = [...problems].map(([status, texts]): [string, Json] => [
    status,
    { description: texts.join('. '), content: { 'application/json': error } },
  ]);
  return Object.fromEntries([...answers, ...refusals]);
};

const operationIdOf = ({ method, path }: AnyRoute): string =>
  [method, ...path.split(/[^A-Za-z0-9]+/u).filter((part) => part !== '' && part !== 'v1')].join(
    '_',
  );

const operationOf = (route: AnyRoute, schemas: SchemaCollector): Json => {
  const requestBody = requestBodyOf(route, schemas);
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    description: `For: ${describeAccess(route.access)}.`,
    security: isPublic(route.access) ? [] : [{ token: [] }, { session: [] }],
    parameters: parametersOf(route, schemas),
    ...(requestBody !== undefined && { requestBody }),
    responses: responsesOf(route, schemas, requestBody !== undefined),
  };
};

/** `/v1/vms/:id` is `/v1/vms/{id}`. */
export const toOpenApiPath = (path: string): string => path.replaceAll(/:(\w+)/gu, '{$1}');

export const makeOpenApi = (routes: readonly AnyRoute[], { version }: ApiFacts): Json => {
  const schemas = makeSchemaCollector();
  const paths = new Map<string, Json>();
  for (const route of routes) {
    const path = toOpenApiPath(route.path);
    paths.set(path, { ...paths.get(path), [route.method]: operationOf(route, schemas) });
  }
  const tags = [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name }));
  const { document, components } = schemas.finish(Object.fromEntries(paths));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Innkeeper',
      version,
      summary: 'How every VM on your hypervisors is doing',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags,
    paths: document,
    components: {
      schemas: components,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of /v1/tokens.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'innkeeper_session',
          description: 'Changes also need x-csrf-token, as GET /v1/session tells it.',
        },
      },
    },
  };
};
