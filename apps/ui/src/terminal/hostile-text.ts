/**
 * A log's text as it may be shown: it comes from a guest, and may try anything. Colours that a
 * program gave its words become classes; every other escape, control character and override of the
 * direction of writing becomes a symbol that is seen instead of obeyed.
 */
import { makeSgr } from './sgr.ts';

export interface Piece {
  readonly text: string;
  /** Classes; empty for plain text. */
  readonly className: string;
}

export interface ShownText {
  /** The text of all pieces in a row: what is searched and copied. */
  readonly plain: string;
  /** Undefined: all of it is plain. */
  readonly pieces: readonly Piece[] | undefined;
}

/** Line feed and tab are harmless; overrides and marks of direction are not, nor other line ends. */
const SUSPICIOUS =
  // oxlint-disable-next-line eslint/no-control-regex
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/u;
const SUSPICIOUS_EACH = new RegExp(SUSPICIOUS, 'gu');
const NEXT =
  // oxlint-disable-next-line eslint/no-control-regex
  /\u001B\[(?<codes>[\d;:]{0,64})m|\r(?=\n)|[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;

export const SYMBOL_CLASS = 'term-symbol';
const DELETE = 0x7f;
const SPACE = 0x20;
/** What a control character is at is 64 further on: ESC is ^[, as terminals have always shown it. */
const CARET = 64;

export const symbolOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  if (code < SPACE || code === DELETE) return `^${String.fromCodePoint(code ^ CARET)}`;
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
};

const parse = (text: string): ShownText => {
  const pieces: Piece[] = [];
  const sgr = makeSgr();
  let plain = '';
  const add = (added: string, className: string): void => {
    if (added === '') return;
    pieces.push({ text: added, className });
    plain += added;
  };
  let end = 0;
  for (const match of text.matchAll(NEXT)) {
    add(text.slice(end, match.index), sgr.className());
    end = match.index + match[0].length;
    const codes = match.groups?.['codes'];
    if (codes !== undefined) sgr.apply(codes);
    else if (match[0] !== '\r' || text[end] !== '\n') add(symbolOf(match[0]), SYMBOL_CLASS);
  }
  add(text.slice(end), sgr.className());
  return { plain, pieces };
};

/**
 * JSON that is exact and yet has none of these characters in it: the language's own escapes leave DEL,
 * the second set of controls and the overrides of direction as they are.
 */
export const escapeJson = (json: string): string =>
  json.replaceAll(SUSPICIOUS_EACH, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });

export const showText = (text: string): ShownText =>
  SUSPICIOUS.test(text) ? parse(text) : { plain: text, pieces: undefined };
