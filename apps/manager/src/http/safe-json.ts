/**
 * JSON that does nothing to a terminal: what JSON leaves as it is, but would move a cursor or turn the
 * writing round (C1 controls, format characters, separators of lines), is written as `\\uXXXX`. Whoever
 * parses it gets the same text.
 */

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const escapeUnits = (character: string): string => {
  let text = '';
  for (let at = 0; at < character.length; at += 1) {
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return text;
};

export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(UNSAFE, escapeUnits);
