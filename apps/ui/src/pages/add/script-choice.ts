/**
 * Scripts for provisioning reach a VM by its labels. So a script is chosen for a new VM by giving it
 * the labels that the script asks for; what a selector says beyond `key=value` only the manager decides.
 */
import type { Labels, Provisioning } from '@innkeeper/protocol';

export interface ScriptChoice {
  readonly id: string;
  readonly name: string;
  readonly when: Provisioning['when'];
  /** `any`: on each VM. `labels`: with these. `rule`: told by its selector. */
  readonly by:
    | { readonly kind: 'any' }
    | { readonly kind: 'labels'; readonly labels: Labels }
    | { readonly kind: 'rule'; readonly selector: string };
}

const TERM = /^(?<key>[^\s=!()]+)\s*==?\s*(?<value>[^\s=!()]*)$/u;

/** Undefined: it asks for more, or for something else, than labels with their values. */
export const labelsOfSelector = (selector: string): Labels | undefined => {
  const labels = new Map<string, string>();
  for (const part of selector.split(',')) {
    const term = TERM.exec(part.trim())?.groups;
    const { key, value } = { key: term?.['key'], value: term?.['value'] };
    if (key === undefined || value === undefined || labels.has(key)) return undefined;
    labels.set(key, value);
  }
  return Object.fromEntries(labels);
};

const byOf = (selector: string | null): ScriptChoice['by'] => {
  const text = selector?.trim() ?? '';
  if (text === '') return { kind: 'any' };
  const labels = labelsOfSelector(text);
  return labels === undefined ? { kind: 'rule', selector: text } : { kind: 'labels', labels };
};

/** In the order in which they would run. */
export const scriptChoices = (
  scripts: readonly Pick<
    Provisioning,
    'id' | 'name' | 'order' | 'when' | 'vm_id' | 'selector' | 'enabled'
  >[],
): readonly ScriptChoice[] =>
  scripts
    .filter((script) => script.enabled && script.vm_id === null)
    .toSorted((left, right) => left.order - right.order || left.name.localeCompare(right.name))
    .map(({ id, name, when, selector }) => ({ id, name, when, by: byOf(selector) }));

const has = (labels: Labels, [key, value]: readonly [string, string]): boolean =>
  Object.hasOwn(labels, key) && labels[key] === value;

export const isChosen = (wanted: Labels, labels: Labels): boolean =>
  Object.entries(wanted).every((entry) => has(labels, entry));

export const choose = (wanted: Labels, labels: Labels): Labels => ({ ...labels, ...wanted });

/** Without those of its labels that nobody else who is chosen asks for. */
export const unchoose = (wanted: Labels, labels: Labels, others: readonly Labels[]): Labels => {
  const kept = new Set(
    others.filter((other) => isChosen(other, labels)).flatMap((other) => Object.keys(other)),
  );
  return Object.fromEntries(
    Object.entries(labels).filter(([key]) => !Object.hasOwn(wanted, key) || kept.has(key)),
  );
};
