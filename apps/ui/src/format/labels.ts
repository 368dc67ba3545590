/** Labels as people type and read them: `env=prod, team=web`, by commas, blanks or lines. */
import type { Labels } from '@innkeeper/protocol';

export const formatLabels = (labels: Labels, separator: string): string =>
  Object.entries(labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(separator);

export type ParsedLabels =
  | { readonly ok: true; readonly labels: Labels }
  | { readonly ok: false; readonly problem: string };

/** Blanks of the same line; neither keys nor values have any. */
const AROUND_EQUALS = /(?<=[^\s,])[^\S\n]*=[^\S\n]*/gu;

/** The manager says what a key and a value may be; here they are only told apart. */
export const parseLabels = (text: string): ParsedLabels => {
  const labels = new Map<string, string>();
  const parts = text.replace(AROUND_EQUALS, '=').split(/[\s,]+/u);
  for (const part of parts.filter(Boolean)) {
    const at = part.indexOf('=');
    const key = at === -1 ? part : part.slice(0, at);
    const value = at === -1 ? '' : part.slice(at + 1);
    if (key === '') return { ok: false, problem: `“${part}” has no name before the =.` };
    if (labels.has(key)) return { ok: false, problem: `“${key}” is there twice.` };
    labels.set(key, value);
  }
  // Not by assignment: `__proto__` is a label like any other.
  return { ok: true, labels: Object.fromEntries(labels) };
};
