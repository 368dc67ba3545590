/** What an OpenAPI document of the manager must be, beyond being JSON. */
import { z } from 'zod';

const schemaObject = z.looseObject({});
const content = z.record(z.string(), z.strictObject({ schema: schemaObject }));
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][\w]*$/u),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(1),
  description: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.strictObject({
      name: z.string(),
      in: z.enum(['path', 'query']),
      required: z.boolean(),
      schema: schemaObject,
    }),
  ),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/u),
    z.strictObject({ description: z.string().min(1), content: content.optional() }),
  ),
});
/** What https://spec.openapis.org/oas/v3.1.1 demands of the parts that we use. */
export const openApiSchema = z.strictObject({
  openapi: z.literal('3.1.1'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/u), schemaObject),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.enum(['http', 'apiKey']) })),
  }),
});

/** Everything that `$ref` points to. */
export const refsIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
    key === '$ref' && typeof item === 'string' ? [item] : refsIn(item),
  );
};
