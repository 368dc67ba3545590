/**
 * How far a command is, read from what it prints: its own marker lines, the patterns that came with
 * the request, and what well-known tools are known to print, in this order. Pure: text in, progress
 * out. Only what was printed last is of interest, so of much text at once only the end is looked at.
 *
 * A script says it itself with a line of its own: `##progress 3/12 Copying files`, or without
 * numbers `##progress Copying files`.
 */
import type { Progress, ProgressPattern } from '@innkeeper/protocol';
import { compilePattern, type Match, type Pattern } from './progress-pattern.ts';
import { rulesFor, type ToolRule } from './progress-tools.ts';

export interface ProgressReader {
  /** True where the progress is another one now. */
  feed(text: string): boolean;
  current(): Progress | undefined;
}

interface Rule extends ToolRule {
  readonly compiled: Pattern;
}

/** Longer lines are looked at so far. */
const MAX_LINE_CHARACTERS = 500;
const MAX_TEXT_CHARACTERS = 8 * 1024;
const MAX_PHASE_CHARACTERS = 64;
const MARKER = '##progress ';
const COUNT = /^(\d{1,9})\/(\d{1,9})(?: |$)/u;

const lastLine = (text: string): string =>
  text.slice(Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1);

const compiled = (rules: readonly ToolRule[]): readonly Rule[] =>
  rules.flatMap((rule) => {
    const outcome = compilePattern(rule.pattern);
    return outcome.ok ? [{ ...rule, compiled: outcome.pattern }] : [];
  });

/** A request's pattern with `{m}` alone gives the total of its phase. */
const ruleOf = ({ pattern, phase }: ProgressPattern): ToolRule => {
  const isTotal = pattern.includes('{m}') && !pattern.includes('{n}');
  if (isTotal) return { pattern, totalOf: [phase] };
  return pattern.includes('{n}') ? { pattern, phase } : { pattern, phase, each: 'step' };
};

export const makeProgressReader = (
  command: string,
  patterns: readonly ProgressPattern[],
): ProgressReader => {
  const rules = compiled([...patterns.map(ruleOf), ...rulesFor(command)]);
  const totals = new Map<string, number>();
  const steps = new Map<string, number>();
  let current: Progress | undefined;
  let pending = '';

  const set = (phase: string, done: number | null, total: number | null): boolean => {
    const isSame = current?.phase === phase && current.done === done && current.total === total;
    current = { phase, done, total };
    return !isSame;
  };

  const readMarker = (line: string): boolean => {
    const said = line.slice(MARKER.length).trim();
    const [counted, done, total] = COUNT.exec(said) ?? [];
    const named = said
      .slice(counted?.length ?? 0)
      .trim()
      .slice(0, MAX_PHASE_CHARACTERS);
    const phase = named === '' ? (current?.phase ?? 'Running') : named;
    if (counted === undefined) return set(phase, null, null);
    return set(phase, Number(done), Number(total));
  };

  const addTotals = (phases: readonly string[], { m }: Match): boolean => {
    for (const phase of phases) totals.set(phase, (totals.get(phase) ?? 0) + (m ?? 0));
    const phase = current?.phase;
    if (phase === undefined || !phases.includes(phase)) return false;
    return set(phase, current?.done ?? null, totals.get(phase) ?? null);
  };

  const apply = (rule: Rule, match: Match): boolean => {
    const { phase, each, totalOf, done, total } = rule;
    if (phase === undefined) return addTotals(totalOf ?? [], match);
    if (done !== undefined) return set(phase, done, total ?? null);
    if (each === 'total') totals.set(phase, (totals.get(phase) ?? 0) + 1);
    if (each === 'step') steps.set(phase, (steps.get(phase) ?? 0) + 1);
    const known = match.m ?? totals.get(phase) ?? null;
    if (match.n !== undefined) return set(phase, match.n, known);
    // A phase of which nothing is known but that it has begun has no numbers.
    return set(phase, known === null ? null : (steps.get(phase) ?? 0), known);
  };

  const readLine = (whole: string): boolean => {
    const line = whole.slice(0, MAX_LINE_CHARACTERS);
    if (line.startsWith(MARKER)) return readMarker(line);
    let isChanged = false;
    for (const rule of rules) {
      const match = rule.compiled.match(line);
      if (match === undefined) continue;
      if (apply(rule, match)) isChanged = true;
      // A line that only tells a total may tell another one, too.
      if (rule.phase !== undefined) break;
    }
    return isChanged;
  };

  return {
    feed: (text) => {
      const joined = pending + text.slice(-MAX_TEXT_CHARACTERS);
      // Most commands are no known tool and print no marker, at most a part of one at the end.
      if (rules.length === 0 && !joined.includes(MARKER)) {
        pending = lastLine(joined).slice(0, MAX_LINE_CHARACTERS);
        return false;
      }
      // A bar that redraws itself ends its lines with a return alone.
      const lines = joined.split(/[\r\n]/u);
      pending = (lines.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
      let isChanged = false;
      for (const line of lines) if (line !== '' && readLine(line)) isChanged = true;
      return isChanged;
    },
    current: () => current,
  };
};
