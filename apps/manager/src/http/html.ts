/** HTML from templates in which everything that is put in is escaped, unless it is HTML itself. */

export interface Html {
  readonly markup: string;
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/gu, (character) => ENTITIES.get(character) ?? '');

export const html = (parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html => ({
  markup: parts.reduce((markup, part, index) => {
    const value = values[index - 1] ?? '';
    return `${markup}${typeof value === 'string' ? escapeHtml(value) : value.markup}${part}`;
  }),
});

export const joinHtml = (pieces: readonly Html[]): Html => ({
  markup: pieces.map(({ markup }) => markup).join('\n'),
});
