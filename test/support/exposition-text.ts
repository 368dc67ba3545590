/**
 * A strict reader of the Prometheus text format and of OpenMetrics, as much of them as the agent and
 * node_exporter write. What the formats forbid (a family twice, a series twice) throws.
 */

export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExposedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ExposedSample[];
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/u;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/uy;

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/gu, (_, character: string) => (character === 'n' ? '\n' : character));

const parseLabels = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined) throw new Error(`bad labels: {${text}}`);
    if (Object.hasOwn(labels, name)) throw new Error(`the label ${name} twice: {${text}}`);
    labels[name] = unescape(value);
  }
  return labels;
};

const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

const parseValue = (text: string, line: string): number => {
  const value = SPECIAL[text] ?? (/^[-+]?\d/u.test(text) ? Number(text) : undefined);
  if (value === undefined || (Number.isNaN(value) && text !== 'NaN')) {
    throw new Error(`not a number in: ${line}`);
  }
  return value;
};

const parseSample = (line: string): ExposedSample => {
  const [, name, labels, value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`);
  return { name, labels: parseLabels(labels ?? ''), value: parseValue(value, line) };
};

/** The same for two samples of one series, whatever the order of their labels. */
export const seriesOf = ({ name, labels }: ExposedSample): string =>
  `${name}${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;

const belongsTo = (sample: string, { name, type }: ExposedFamily): boolean =>
  sample === name ||
  sample === `${name}_total` ||
  ((type === 'summary' || type === 'histogram') && /_(?:sum|count|bucket)$/u.test(sample));

/** By name, in the order of the text. */
export const parseExposition = (text: string): ReadonlyMap<string, ExposedFamily> => {
  if (!text.endsWith('\n')) throw new Error('the text does not end with a line feed');
  const families = new Map<string, { -readonly [K in keyof ExposedFamily]: ExposedFamily[K] }>();
  const seen = new Set<string>();
  const started = new Set<string>();
  let current: { name: string; type: string; help: string; samples: ExposedSample[] } | undefined;

  const begin = (name: string): NonNullable<typeof current> => {
    if (current?.name === name) return current;
    if (started.has(name)) throw new Error(`the family ${name} comes twice`);
    started.add(name);
    current = { name, type: '', help: '', samples: [] };
    families.set(name, current);
    return current;
  };

  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name, rest = ''] =
      /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) ?(.*)$/u.exec(line) ?? [];
    if (keyword !== undefined && name !== undefined) {
      const family = begin(name);
      if (keyword === 'HELP') family.help = rest;
      else family.type = rest;
      continue;
    }
    if (line === '# EOF') continue;
    const sample = parseSample(line);
    if (current === undefined || !belongsTo(sample.name, current)) {
      throw new Error(`a sample outside of its family: ${line}`);
    }
    const series = seriesOf(sample);
    if (seen.has(series)) throw new Error(`the series comes twice: ${line}`);
    seen.add(series);
    current.samples.push(sample);
  }
  return families;
};
