/**
 * Text that Postgres takes in jsonb: without NUL and without halves of surrogate pairs. Other
 * control characters have no business in names and paths either.
 */
import type { z } from 'zod';

const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

const findUnstorable = (value: unknown, path: PropertyKey[]): PropertyKey[] | undefined => {
  if (typeof value === 'string') return UNSTORABLE.test(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = findUnstorable(inner, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The same schema, and every text in the value can be stored. */
export const storable = <Schema extends z.ZodType>(schema: Schema): Schema =>
  schema.superRefine((value, context) => {
    const path = findUnstorable(value, []);
    if (path === undefined) return;
    const message = 'must not contain control characters or halves of characters';
    context.addIssue({ code: 'custom', path, message });
  });
