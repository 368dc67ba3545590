/** Splits a request target into its decoded path and query. */
import type { Refusal } from './message.ts';

export interface Target {
  readonly path: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
}

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    // decodeURIComponent's only failure: `%` not followed by hex digits, or bytes that are no UTF-8.
    return undefined;
  }
};

const badEscape = (part: string): { readonly refusal: Refusal } => ({
  refusal: {
    status: 400,
    code: 'malformed_request',
    message: `the ${part} has a % that does not start an escaped UTF-8 character`,
  },
});

export const parseTarget = (
  target: string,
): { readonly target: Target } | { readonly refusal: Refusal } => {
  const mark = target.indexOf('?');
  const path = decode(mark === -1 ? target : target.slice(0, mark));
  if (path === undefined) return badEscape('path');
  const query = new Map<string, string[]>();
  const pairs = mark === -1 ? [] : target.slice(mark + 1).split('&');
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode((equals === -1 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1).replaceAll('+', ' '));
    if (name === undefined || value === undefined) return badEscape('query');
    const values = query.get(name);
    if (values === undefined) query.set(name, [value]);
    else values.push(value);
  }
  return { target: { path, query } };
};
