/** Text that Postgres takes, also in jsonb: without NUL and without halves of surrogate pairs. */
import type { z } from 'zod';

type Path = readonly PropertyKey[];

const findText = (
  isBad: (text: string, path: Path) => boolean,
  value: unknown,
  path: Path,
): Path | undefined => {
  if (typeof value === 'string') return isBad(value, path) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = findText(isBad, inner, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
};

const without = <Schema extends z.ZodType>(
  schema: Schema,
  isBad: (text: string, path: Path) => boolean,
  message: string,
): Schema =>
  schema.superRefine((value, context) => {
    const path = findText(isBad, value, []);
    if (path !== undefined) context.addIssue({ code: 'custom', path: [...path], message });
  });

const CONTROL_OR_HALF = /[\p{Cc}\p{Cs}]/u;

/**
 * The same schema, and every text in the value can be stored. Control characters other than NUL
 * have no business in names and paths either.
 */
export const storable = <Schema extends z.ZodType>(schema: Schema): Schema =>
  without(
    schema,
    (text) => CONTROL_OR_HALF.test(text),
    'must not contain control characters or halves of characters',
  );

const NUL_OR_HALF = /[\0\p{Cs}]/u;
const HALF = /\p{Cs}/u;

/** The same for commands, whose text has lines. What they read (`stdin`) may be any bytes of UTF-8. */
export const storableCommand = <Schema extends z.ZodType>(schema: Schema): Schema =>
  without(
    schema,
    (text, [field]) => (field === 'stdin' ? HALF : NUL_OR_HALF).test(text),
    'must not contain NUL or halves of characters',
  );
