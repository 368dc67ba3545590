/**
 * Label selectors in the syntax of Kubernetes: `env=prod,team in (web, db),!legacy,tier!=test`.
 * The terms are joined by "and". As in Kubernetes, `!=` and `notin` also fit where there is no
 * such label.
 */
import { labelKeySchema, labelValueSchema, type Labels } from '@innkeeper/protocol';

export interface LabelSelector {
  readonly text: string;
  fits(labels: Labels): boolean;
}

export type ParsedSelector =
  | { readonly ok: true; readonly selector: LabelSelector }
  | { readonly ok: false; readonly problem: string };

type Term = (labels: Labels) => boolean;

const MAX_CHARACTERS = 1024;
const ACCEPTED =
  'accepted are key=value, key!=value, key in (a, b), key notin (a, b), key and !key, joined by commas';

const SET = /^(?<key>\S+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$/u;
const EQUALITY = /^(?<key>[^\s=!]+)\s*(?<operator>==|=|!=)\s*(?<value>\S*)$/u;
const EXISTENCE = /^(?<not>!?)\s*(?<key>[^\s=!()]+)$/u;

/** Own keys only: a label called `constructor` is not there unless somebody has set it. */
const valueOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

const parseTerm = (text: string): Term | undefined => {
  const set = SET.exec(text)?.groups;
  const equality = set === undefined ? EQUALITY.exec(text)?.groups : undefined;
  const found = set ?? equality ?? EXISTENCE.exec(text)?.groups;
  const key = found?.['key'];
  if (key === undefined || !labelKeySchema.safeParse(key).success) return undefined;
  if (set !== undefined || equality !== undefined) {
    const values = (set?.['values'] ?? equality?.['value'] ?? '')
      .split(',')
      .map((value) => value.trim());
    if (!values.every((value) => labelValueSchema.safeParse(value).success)) return undefined;
    const operator = (set ?? equality)?.['operator'];
    if (operator === 'notin' || operator === '!=') {
      return (labels) => !values.includes(valueOf(labels, key) ?? '\0');
    }
    return (labels) => values.includes(valueOf(labels, key) ?? '\0');
  }
  return found?.['not'] === '!'
    ? (labels) => valueOf(labels, key) === undefined
    : (labels) => valueOf(labels, key) !== undefined;
};

/** Splits at the commas that stand outside of parentheses. */
const splitTerms = (text: string): string[] =>
  text.split(/,(?![^(]*\))/u).map((term) => term.trim());

export const parseLabelSelector = (text: string): ParsedSelector => {
  if (text.length > MAX_CHARACTERS) {
    return { ok: false, problem: `must have at most ${MAX_CHARACTERS} characters` };
  }
  const terms: Term[] = [];
  for (const source of splitTerms(text)) {
    const term = parseTerm(source);
    if (term === undefined) {
      return { ok: false, problem: `${JSON.stringify(source)} is no selector: ${ACCEPTED}` };
    }
    terms.push(term);
  }
  return {
    ok: true,
    selector: { text, fits: (labels) => terms.every((term) => term(labels)) },
  };
};
