/** Labels as people type them: one `key=value` a line. */
import type { Labels } from '@innkeeper/protocol';

export const labelsToText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join('\n');

export type ParsedLabels =
  | { readonly ok: true; readonly labels: Labels }
  | { readonly ok: false; readonly problem: string };

/** The manager says what a key or value may look like; here it is only what cannot be meant. */
export const parseLabels = (text: string): ParsedLabels => {
  const labels = new Map<string, string>();
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const at = trimmed.indexOf('=');
    const key = (at === -1 ? trimmed : trimmed.slice(0, at)).trim();
    const value = at === -1 ? '' : trimmed.slice(at + 1).trim();
    if (key === '') return { ok: false, problem: `“${trimmed}” has no name before the =.` };
    if (labels.has(key)) return { ok: false, problem: `“${key}” is there twice.` };
    labels.set(key, value);
  }
  return { ok: true, labels: Object.fromEntries(labels) };
};
