/** Reads the query of `GET /logs`, or says what is wrong with it. */
import { unitNames, PRIORITY_OF_LEVEL, type LogRecord } from './log-record.ts';
import type { LogQuery } from './log-source.ts';

/** `undefined`: whatever this machine has. */
export type NamedSource =
  | { readonly kind: 'journal' | 'kmsg' | 'agent' }
  | { readonly kind: 'file'; readonly path: string }
  | undefined;

export type ParsedQuery =
  | { readonly ok: true; readonly query: LogQuery; readonly source: NamedSource }
  | { readonly ok: false; readonly problem: string };

type Values = ReadonlyMap<string, readonly string[]>;

export const QUERY_NAMES: readonly string[] = [
  'follow',
  'tail',
  'since',
  'until',
  'unit',
  'level',
  'grep',
  'source',
  'pace',
];

const DEFAULT_TAIL = 1_000;
export const MAX_TAIL = 10_000;
const MAX_TEXT = 256;
const MIN_PACE_MS = 10;
const MAX_PACE_MS = 1_000;

class Refused extends Error {}

const refuse = (problem: string): never => {
  throw new Refused(problem);
};

const numberOf = (
  values: Values,
  name: string,
  max: number,
  accepts: string,
): number | undefined => {
  const text = values.get(name)?.[0];
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/u.test(text) ? Number(text) : Infinity;
  return value <= max ? value : refuse(`${name} must be ${accepts}`);
};

const paceOf = (values: Values): number | undefined => {
  const accepts = `a whole number of milliseconds from ${MIN_PACE_MS} to ${MAX_PACE_MS}`;
  const paceMs = numberOf(values, 'pace', MAX_PACE_MS, accepts);
  const isTooFast = paceMs !== undefined && paceMs < MIN_PACE_MS;
  return isTooFast ? refuse(`pace must be ${accepts}`) : paceMs;
};

const flagOf = (values: Values, name: string, byDefault: boolean): boolean => {
  const text = values.get(name)?.[0];
  if (text === undefined) return byDefault;
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : refuse(`${name} must be true or false`);
};

const textsOf = (values: Values, name: string): readonly string[] =>
  (values.get(name) ?? []).map((text) =>
    text !== '' && text.length <= MAX_TEXT
      ? text
      : refuse(`${name} must have 1 to ${MAX_TEXT} characters`),
  );

const maxPriorityOf = (values: Values): number => {
  const text = values.get('level')?.[0];
  if (text === undefined) return 7;
  if (/^[0-7]$/u.test(text)) return Number(text);
  const priority = Object.hasOwn(PRIORITY_OF_LEVEL, text) ? PRIORITY_OF_LEVEL[text] : undefined;
  return priority ?? refuse('level must be error, warn, info, debug, trace or 0 to 7');
};

const matcherOf = (values: Values): ((record: LogRecord) => boolean) => {
  const units = textsOf(values, 'unit');
  const wanted = units.length === 0 ? undefined : unitNames(units);
  const maxPriority = maxPriorityOf(values);
  const needle = textsOf(values, 'grep')[0]?.toLowerCase();
  return (record) =>
    record.priority <= maxPriority &&
    (wanted === undefined || record.isOfUnit(wanted)) &&
    (needle === undefined || record.contains(needle));
};

const sourceOf = (values: Values): NamedSource => {
  const text = values.get('source')?.[0];
  if (text === undefined) return undefined;
  if (text === 'journal' || text === 'kmsg' || text === 'agent') return { kind: text };
  return text.startsWith('file:/')
    ? { kind: 'file', path: text.slice('file:'.length) }
    : refuse('source must be journal, kmsg, agent or file:/and/a/path');
};

const parse = (values: Values, lastEventId: string | undefined): ParsedQuery => {
  const time = 'a whole number of unix milliseconds';
  const sinceMs = numberOf(values, 'since', Number.MAX_SAFE_INTEGER / 1000, time);
  const untilMs = numberOf(values, 'until', Number.MAX_SAFE_INTEGER / 1000, time);
  const follow = flagOf(values, 'follow', untilMs === undefined);
  if (follow && untilMs !== undefined) refuse('until and follow=true exclude each other');
  const tail = numberOf(values, 'tail', MAX_TAIL, `a whole number from 0 to ${MAX_TAIL}`);
  const isAll = lastEventId !== undefined || (tail === undefined && sinceMs !== undefined);
  const query = {
    follow,
    tail: isAll ? undefined : (tail ?? DEFAULT_TAIL),
    sinceMs,
    untilMs,
    after: lastEventId,
    paceMs: paceOf(values),
    matches: matcherOf(values),
  };
  return { ok: true, query, source: sourceOf(values) };
};

/** An empty Last-Event-ID is what a browser sends that has got no id yet. */
export const parseLogQuery = (values: Values, lastEventId: string | undefined): ParsedQuery => {
  try {
    return parse(values, lastEventId === '' ? undefined : lastEventId);
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.message };
    throw error;
  }
};
