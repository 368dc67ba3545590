/** A word of the shell that means only itself, whatever is in it. */

const PLAIN = /^[\w@%+:,./-]+$/u;

export const shellWord = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** As people would write it: in quotes only where it needs them. */
export const plainWord = (text: string): string =>
  PLAIN.test(text) && !text.startsWith('-') ? text : shellWord(text);
