/**
 * What every parser of this package returns: a value, or a typed error. Nothing here throws,
 * because one odd file of one odd kernel must not take the other metrics down with it.
 */

export interface ParseError {
  /** Which source was parsed, for example `stat` or `net-dev`. */
  readonly source: string;
  readonly problem: 'empty' | 'malformed';
  /** What was wrong, safe to log: a short quote of the input without control characters. */
  readonly detail: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ParseError };

const LONGEST_QUOTE = 80;

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function emptyInput(source: string): Parsed<never> {
  return { ok: false, error: { source, problem: 'empty', detail: 'the file is empty' } };
}

/** `what` says what was expected; `input` is the offending part of the file, if there is one. */
export function malformedInput(source: string, what: string, input?: string): Parsed<never> {
  const detail = input === undefined ? what : `${what}: "${quote(input)}"`;
  return { ok: false, error: { source, problem: 'malformed', detail } };
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/**
 * Cuts first and replaces after: a cut may split a surrogate pair, and the half that is left is in
 * the category C as well, like control characters and the marks that reverse the writing direction.
 */
function quote(input: string): string {
  return input.slice(0, LONGEST_QUOTE).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
