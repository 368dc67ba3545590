/**
 * Writes metrics in the Prometheus text format and in OpenMetrics.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */

export type ExpositionFormat = 'prometheus' | 'openmetrics';
export type MetricType = 'counter' | 'gauge' | 'untyped';

export interface Exposition {
  /** Starts a family. It is written only once it has a sample. */
  family(name: string, type: MetricType, help: string): void;
  /** Adds a sample to the family that was started last. Unknown values are left out. */
  sample(labels: string, value: number | undefined): void;
  finish(): string;
}

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const TOTAL = '_total';
/** There are some 300 families; names that come from the kernel must not make it endless. */
const MAX_HEADERS = 4096;

const header = (format: ExpositionFormat, name: string, type: MetricType, help: string): string => {
  if (format === 'prometheus') return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  // In OpenMetrics a counter's family has no _total, its samples have.
  const family = type === 'counter' && name.endsWith(TOTAL) ? name.slice(0, -TOTAL.length) : name;
  return `# TYPE ${family} ${type === 'untyped' ? 'unknown' : type}\n# HELP ${family} ${help}\n`;
};

/** Makes one exposition after the other. What does not change between them is formatted once. */
export const makeExpositions = (format: ExpositionFormat): (() => Exposition) => {
  const headers = new Map<string, string>();

  const headerOf = (name: string, type: MetricType, help: string): string => {
    const known = headers.get(name);
    if (known !== undefined) return known;
    const text = header(format, name, type, help);
    if (headers.size < MAX_HEADERS) headers.set(name, text);
    return text;
  };

  return () => {
    let text = '';
    let name = '';
    let pendingHeader = '';
    return {
      family: (familyName, type, help) => {
        name = familyName;
        pendingHeader = headerOf(familyName, type, help);
      },
      sample: (labels, value) => {
        if (value === undefined) return;
        text += `${pendingHeader}${name}${labels} ${value}\n`;
        pendingHeader = '';
      },
      finish: () => (format === 'openmetrics' ? `${text}# EOF\n` : text),
    };
  };
};
