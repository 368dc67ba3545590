/**
 * What the agent's metrics must keep to beyond what `parseExposition` refuses. The formats allow
 * some of it, and the agent has no use for it: no NaN, no infinity, no timestamps, no blank lines, no
 * comments but HELP and TYPE, each once a family, and no family without a sample.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
import { parseExposition, type ExposedFamily } from './exposition-text.ts';

export type TextFormat = 'prometheus' | 'openmetrics';

const COMMENT = /^# (?:HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* [^ ]/u;
const LABEL = String.raw`[a-zA-Z][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*"`;
const SAMPLE = new RegExp(
  String.raw`^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{${LABEL}(?:,${LABEL})*\})? ` +
    String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?$`,
  'u',
);
const TYPES: Readonly<Record<TextFormat, readonly string[]>> = {
  prometheus: ['counter', 'gauge', 'untyped'],
  openmetrics: ['counter', 'gauge', 'unknown'],
};

const brokenRuleOfLine = (line: string): string | undefined => {
  if (line.startsWith('#')) return COMMENT.test(line) ? undefined : 'is no HELP and no TYPE';
  return SAMPLE.test(line) ? undefined : 'is no plain sample';
};

/** A counter is `x_total` in both formats, and its family is `x` in OpenMetrics. */
const brokenRuleOfFamily = (family: ExposedFamily, format: TextFormat): string | undefined => {
  const { name, type, help, samples } = family;
  const isCounter = type === 'counter';
  const sampleName = isCounter && format === 'openmetrics' ? `${name}_total` : name;
  if (!TYPES[format].includes(type)) return `has the type ${type}`;
  if (help === '') return 'has no HELP';
  if (samples.length === 0) return 'has no samples';
  if (samples.some((sample) => sample.name !== sampleName)) return 'has samples of other names';
  if (isCounter && !sampleName.endsWith('_total')) return 'is a counter without _total';
  if (isCounter && name.endsWith('_total') !== (format === 'prometheus')) return 'is misnamed';
  if (isCounter && samples.some(({ value }) => value < 0)) return 'counts below zero';
  return undefined;
};

/** Reads the text; throws an error for the first rule that it breaks. */
export const readMetrics = (
  text: string,
  format: TextFormat,
): ReadonlyMap<string, ExposedFamily> => {
  const families = parseExposition(text);
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('there is no # EOF');
  for (const [index, line] of lines.entries()) {
    const problem = brokenRuleOfLine(line);
    if (problem !== undefined) {
      throw new Error(`line ${index + 1} ${problem}: ${JSON.stringify(line)}`);
    }
  }
  const comments = lines.filter((line) => line.startsWith('#'));
  if (comments.length !== families.size * 2) throw new Error('a family has two HELP or TYPE');
  for (const family of families.values()) {
    const problem = brokenRuleOfFamily(family, format);
    if (problem !== undefined) throw new Error(`${family.name} ${problem}`);
  }
  return families;
};
