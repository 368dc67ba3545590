/**
 * Prometheus text by hand, for what prom-client is too slow or has no way for, and OpenMetrics from
 * Prometheus text.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
import type { Labels } from './family.ts';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const OPENMETRICS_END = '# EOF\n';
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const MUST_ESCAPE = /[\\"\n]/u;

const escapeLabelValue = (value: string): string =>
  MUST_ESCAPE.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;

/** `{a="1",b="2"}`, or nothing. */
export const labelsText = (labels: Labels): string => {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escapeLabelValue(value)}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
};

export const familyHead = (name: string, help: string, type: 'gauge' | 'histogram'): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

export interface HistogramCounts {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** How many lie in each, not added up; the last one is of those beyond all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export const histogramText = (
  name: string,
  help: string,
  series: Iterable<readonly [Labels, HistogramCounts]>,
): string => {
  let text = familyHead(name, help, 'histogram');
  for (const [labels, { bounds, counts, sum, count }] of series) {
    let below = 0;
    for (const [index, bound] of bounds.entries()) {
      below += counts[index] ?? 0;
      text += `${name}_bucket${labelsText({ ...labels, le: String(bound) })} ${below}\n`;
    }
    text += `${name}_bucket${labelsText({ ...labels, le: '+Inf' })} ${count}\n`;
    text += `${name}_sum${labelsText(labels)} ${sum}\n`;
    text += `${name}_count${labelsText(labels)} ${count}\n`;
  }
  return text;
};

/**
 * In OpenMetrics a counter's family has no `_total`. prom-client writes that too, but renames its
 * metrics for good: the next scrape in the other format would be wrong.
 */
export const toOpenMetrics = (text: string): string => {
  const counters = new Set(
    Array.from(text.matchAll(/^# TYPE (?<name>\S+)_total counter$/gmu), (match) => match[1]),
  );
  return text.replaceAll(
    /^# (?<keyword>HELP|TYPE) (?<name>\S+)_total /gmu,
    (line, keyword: string, name: string) => (counters.has(name) ? `# ${keyword} ${name} ` : line),
  );
};

/** By the Accept header; Prometheus asks for several, by preference. */
export const acceptsOpenMetrics = (accept: string | undefined): boolean => {
  const quality = { open: 0, text: 0 };
  for (const range of (accept ?? '').slice(0, 2_000).split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const value = q === undefined ? 1 : Number(q.slice(2));
    if (!Number.isFinite(value)) continue;
    if (type === 'application/openmetrics-text') quality.open = Math.max(quality.open, value);
    if (type === 'text/plain') quality.text = Math.max(quality.text, value);
  }
  return quality.open > 0 && quality.open >= quality.text;
};
