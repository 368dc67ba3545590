/**
 * Patterns for lines of output that say how far a command is. They are plain text with three
 * placeholders, and no regular expressions: one of those can be written so that a line takes hours.
 * `{n}` is a number, `{m}` the number that it counts up to, `{*}` anything. A pattern may fit
 * anywhere in a line; the first fit counts.
 */

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'n' | 'm' | 'any' };

export interface Match {
  readonly n: number | undefined;
  readonly m: number | undefined;
}

export interface Pattern {
  match(line: string): Match | undefined;
  readonly counts: boolean;
  readonly totals: boolean;
}

export type CompiledPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly problem: string };

const MAX_CHARACTERS = 200;
const MAX_TOKENS = 16;
const MAX_DIGITS = 9;
/** So many places of a line are tried where a pattern might begin. */
const MAX_TRIES = 32;
const PLACEHOLDERS = { '{n}': 'n', '{m}': 'm', '{*}': 'any' } as const;

const tokensOf = (source: string): readonly Token[] =>
  source
    .split(/(\{[nm*]\})/u)
    .filter((part) => part !== '')
    .map((part) =>
      part === '{n}' || part === '{m}' || part === '{*}'
        ? { kind: PLACEHOLDERS[part] }
        : { kind: 'text', text: part },
    );

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Where the number that starts here ends; numbers are often padded with blanks on the left. */
const numberAt = (line: string, from: number): { value: number; end: number } | undefined => {
  let start = from;
  while (line.charCodeAt(start) === 32) start += 1;
  let end = start;
  while (end - start <= MAX_DIGITS && isDigit(line.charCodeAt(end))) end += 1;
  if (end === start || end - start > MAX_DIGITS) return undefined;
  return { value: Number(line.slice(start, end)), end };
};

/** Each token is matched once, so the work is the length of the line. */
const matchFrom = (tokens: readonly Token[], line: string, from: number): Match | undefined => {
  let at = from;
  let isLoose = false;
  let n: number | undefined;
  let m: number | undefined;
  for (const token of tokens) {
    if (token.kind === 'any') {
      isLoose = true;
      continue;
    }
    if (token.kind === 'text') {
      const found = isLoose ? line.indexOf(token.text, at) : at;
      if (found === -1 || !line.startsWith(token.text, found)) return undefined;
      at = found + token.text.length;
    } else {
      while (isLoose && at < line.length && !isDigit(line.charCodeAt(at))) at += 1;
      const number = numberAt(line, at);
      if (number === undefined) return undefined;
      at = number.end;
      if (token.kind === 'n') n = number.value;
      else m = number.value;
    }
    isLoose = false;
  }
  return { n, m };
};

/** Where the pattern might begin at `from` or after it. */
const nextStart = (first: Token | undefined, line: string, from: number): number => {
  if (first?.kind === 'text') return line.indexOf(first.text, from);
  let at = from;
  // Not in the middle of a number: 15/42 is not 5/42.
  while (at < line.length && (!isDigit(line.charCodeAt(at)) || isDigit(line.charCodeAt(at - 1)))) {
    at += 1;
  }
  return at < line.length ? at : -1;
};

export const compilePattern = (source: string): CompiledPattern => {
  if (source === '' || source.length > MAX_CHARACTERS) {
    return { ok: false, problem: `must have 1 to ${MAX_CHARACTERS} characters` };
  }
  const tokens = tokensOf(source);
  if (tokens.length > MAX_TOKENS) {
    return { ok: false, problem: `may have ${MAX_TOKENS} parts at most` };
  }
  if (!tokens.some(({ kind }) => kind === 'text')) {
    return { ok: false, problem: 'must have some text besides {n}, {m} and {*}' };
  }
  const first = tokens.find(({ kind }) => kind !== 'any');
  return {
    ok: true,
    pattern: {
      counts: tokens.some(({ kind }) => kind === 'n'),
      totals: tokens.some(({ kind }) => kind === 'm'),
      match: (line) => {
        let at = nextStart(first, line, 0);
        for (let tries = 0; at !== -1 && tries < MAX_TRIES; tries += 1) {
          const match = matchFrom(tokens, line, at);
          if (match !== undefined) return match;
          at = nextStart(first, line, at + 1);
        }
        return undefined;
      },
    },
  };
};
