/** Labels as they are typed: `env=prod, team=web`, by commas or blanks. */

export type ParsedLabels =
  | { readonly ok: true; readonly labels: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string };

/** The manager says what a key and a value may be; here they are only told apart. */
export const parseLabels = (text: string): ParsedLabels => {
  const labels = new Map<string, string>();
  for (const part of text.split(/[\s,]+/u).filter(Boolean)) {
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
