/**
 * Checks path, query and body against their schemas. The message of a 422 names each field, what
 * was wrong with it and what is accepted; it repeats what was sent only in short.
 */
import { z } from 'zod';
import { refuse, type Problem } from './problem.ts';

export type Part = 'path' | 'query' | 'body';

const MAX_ISSUES = 5;
const MAX_SHOWN = 60;
const MAX_MESSAGE = 1000;

const WORDS = {
  path: { unknown: 'is no part of the path', missing: 'is missing in the path' },
  query: { unknown: 'is no query parameter here', missing: 'is a query parameter that is missing' },
  body: { unknown: 'is no field here', missing: 'is missing' },
} satisfies Record<Part, { unknown: string; missing: string }>;

const show = (text: string): string => {
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  // As JSON: control characters and quotes of whoever asks stay visible and harmless.
  return /^[\w.-]+$/u.test(short) ? short : JSON.stringify(short);
};

const nameOf = (path: readonly PropertyKey[]): string => show(path.map(String).join('.'));

const acceptedFields = (schema: z.ZodType, path: readonly PropertyKey[]): string => {
  if (path.length > 0 || !(schema instanceof z.ZodObject)) return '';
  const names = Object.keys(schema.shape);
  return names.length === 0 ? ' (none is accepted)' : ` (accepted: ${names.join(', ')})`;
};

type Issue = z.core.$ZodIssue;

/** Of the alternatives of a union, the one that came closest says the most. */
const closest = (alternatives: readonly (readonly Issue[])[]): readonly Issue[] =>
  alternatives.toSorted((one, other) => one.length - other.length)[0] ?? [];

/** What came under a name; a schema may have made something else of it before it refused. */
const sentAs = (input: unknown, path: readonly PropertyKey[]): readonly unknown[] =>
  typeof input === 'object' && input !== null
    ? Object.entries(input).flatMap(([key, value]: [string, unknown]) =>
        key === path[0] ? [value] : [],
      )
    : [];

const describeIssue = (
  part: Part,
  schema: z.ZodType,
  input: unknown,
  issue: Issue,
  parents: readonly PropertyKey[],
): string => {
  const path = [...parents, ...issue.path];
  const name = path.length === 0 ? `the ${part}` : nameOf(path);
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, MAX_ISSUES).map((key) => nameOf([...path, key]));
    return `${names.join(', ')}: ${WORDS[part].unknown}${acceptedFields(schema, path)}`;
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && path.length > 0) {
    return `${name}: ${WORDS[part].missing}`;
  }
  const [sent] = part === 'query' ? sentAs(input, path) : [];
  if (Array.isArray(sent)) return `${name}: is given ${sent.length} times; accepted is once`;
  if (issue.code === 'invalid_type' && Number.isNaN(issue.input)) {
    return `${name}: must be a number`;
  }
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    const [first] = closest(issue.errors);
    if (first !== undefined) return describeIssue(part, schema, input, first, path);
  }
  return `${name}: ${issue.message}`;
};

const describe = (
  part: Part,
  schema: z.ZodType,
  input: unknown,
  issues: readonly Issue[],
): string => {
  const lines = issues
    .slice(0, MAX_ISSUES)
    .map((issue) => describeIssue(part, schema, input, issue, []));
  const more = issues.length - lines.length;
  const text = [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
};

export const parseInput = <Value>(
  part: Part,
  schema: z.ZodType<Value>,
  input: unknown,
):
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem } => {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  const message = describe(part, schema, input, parsed.error.issues);
  return refuse({ status: 422, code: 'invalid', message });
};
