/**
 * Schemas as JSON Schema 2020-12, for OpenAPI. The objects of the protocol become components under
 * their own names; where one looks different as input (fields with defaults may be left out), it
 * is two.
 */
import * as protocol from '@innkeeper/protocol';
import { z } from 'zod';

export type Direction = 'input' | 'output';
export type Json = { readonly [key: string]: unknown };

const PREFIX = '#/components/schemas/';
const LOCAL = '#/$defs/';

/** `vmCreateSchema` is `VmCreate`. Numbers and words need no name: they are said in place. */
const makeNames = (): z.core.$ZodRegistry<{ id: string }> => {
  const names = z.registry<{ id: string }>();
  for (const [name, value] of Object.entries<unknown>({ ...protocol })) {
    if (!(value instanceof z.ZodObject) || !name.endsWith('Schema')) continue;
    const id = name.slice(0, -'Schema'.length);
    names.add(value, { id: id.charAt(0).toUpperCase() + id.slice(1) });
  }
  return names;
};

const simplify = (direction: Direction, json: z.core.JSONSchema.BaseSchema): void => {
  // The format says it in one word.
  if (json.format !== undefined) delete json.pattern;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  // Answers may gain fields; requests may not have any that are unknown.
  if (direction === 'output' && json.additionalProperties === false) {
    delete json.additionalProperties;
  }
};

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const mapRefs = (value: unknown, rename: (ref: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapRefs(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string' ? rename(item) : mapRefs(item, rename),
    ]),
  );
};

export interface SchemaCollector {
  /** Its references hold once `finish` has gone over the document. */
  add(schema: z.ZodType, direction: Direction): Json;
  /** The schema itself where it has a name: not a reference to it. */
  expand(schema: z.ZodType, direction: Direction): Json;
  /** The document with its references put right, and the components that it needs. */
  finish(document: Json): { readonly document: Json; readonly components: Json };
}

export const makeSchemaCollector = (): SchemaCollector => {
  const names = makeNames();
  /** By `output:Vm`. */
  const components = new Map<string, unknown>();

  const nameOf = (key: string): string => {
    const [direction, name = ''] = key.split(':');
    if (direction === 'output' || !components.has(`output:${name}`)) return name;
    // Compared with all that they hold, one level deep: what is deeper has names of its own.
    const isSame =
      JSON.stringify(components.get(key)).replaceAll('input:', '') ===
      JSON.stringify(components.get(`output:${name}`)).replaceAll('output:', '');
    return isSame ? name : `${name}Input`;
  };

  const add = (schema: z.ZodType, direction: Direction): Json => {
    const {
      $schema: _,
      $defs,
      ...json
    } = z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io: direction,
      metadata: names,
      // Such as what `preprocess` takes: anything.
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        const description = z.globalRegistry.get(zodSchema)?.description;
        if (description !== undefined) jsonSchema.description = description;
        simplify(direction, jsonSchema);
      },
    });
    const rename = (ref: string): string => `${PREFIX}${direction}:${ref.slice(LOCAL.length)}`;
    for (const [name, definition] of Object.entries($defs ?? {})) {
      const { id: _id, ...rest } = definition;
      components.set(`${direction}:${name}`, mapRefs(rest, rename));
    }
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [
        key,
        key === '$ref' && typeof value === 'string' ? rename(value) : mapRefs(value, rename),
      ]),
    );
  };

  return {
    add,
    expand: (schema, direction) => {
      const json = add(schema, direction);
      const { $ref: ref } = json;
      const named = typeof ref === 'string' ? components.get(ref.slice(PREFIX.length)) : undefined;
      return isJson(named) ? named : json;
    },
    finish: (document) => {
      const rename = (ref: string): string => `${PREFIX}${nameOf(ref.slice(PREFIX.length))}`;
      const change = (json: Json): Json =>
        Object.fromEntries(
          Object.entries(json).map(([key, value]) => [key, mapRefs(value, rename)]),
        );
      const named = [...components].map(([key, json]): [string, unknown] => [nameOf(key), json]);
      return {
        document: change(document),
        components: change(
          Object.fromEntries(named.toSorted(([one], [other]) => (one < other ? -1 : 1))),
        ),
      };
    },
  };
};
