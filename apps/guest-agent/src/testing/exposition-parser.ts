/**
 * A strict reader of the Prometheus text format and of OpenMetrics, made from their descriptions
 * and not from the agent's writer. Throws at whatever a scraper could stumble over.
 */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
}

export interface ParsedExposition {
  readonly families: ReadonlyMap<string, ParsedFamily>;
  readonly samples: readonly ParsedSample[];
}

type Format = 'prometheus' | 'openmetrics';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/u;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*/u;
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Inf|NaN)$/u;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n' };
const TYPES: Readonly<Record<Format, readonly string[]>> = {
  prometheus: ['counter', 'gauge', 'untyped'],
  openmetrics: ['counter', 'gauge', 'unknown'],
};

const fail = (what: string, line: string): never => {
  throw new Error(`${what}: ${JSON.stringify(line.slice(0, 200))}`);
};

const match = (pattern: RegExp, text: string, line: string): string =>
  pattern.exec(text)?.[0] ?? fail(`expected ${pattern.source}`, line);

/** The value of a label, from after its opening quote, and how many characters it took. */
const parseQuoted = (text: string, line: string): readonly [value: string, length: number] => {
  let value = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') return [value, at + 1];
    if (character === '\\') {
      at += 1;
      value += ESCAPES[text[at] ?? ''] ?? fail('no such escape', line);
    } else value += character;
  }
  return fail('a label value does not end', line);
};

const parseLabels = (
  text: string,
  line: string,
): readonly [labels: Readonly<Record<string, string>>, rest: string] => {
  if (!text.startsWith('{')) return [{}, text];
  const labels: Record<string, string> = {};
  let rest = text.slice(1);
  while (!rest.startsWith('}')) {
    const name = match(LABEL_NAME, rest, line);
    if (Object.hasOwn(labels, name)) fail('a label twice', line);
    rest = rest.slice(name.length);
    if (!rest.startsWith('="')) fail('expected ="', line);
    const [value, length] = parseQuoted(rest.slice(2), line);
    labels[name] = value;
    rest = rest.slice(2 + length);
    if (rest.startsWith(',')) rest = rest.slice(1);
    else if (!rest.startsWith('}')) fail('expected , or }', line);
  }
  return [labels, rest.slice(1)];
};

const parseNumber = (text: string, line: string): number => {
  if (!NUMBER.test(text)) fail('not a number', line);
  return Number(text.replace('Inf', 'Infinity'));
};

const parseSample = (line: string): ParsedSample => {
  const name = match(NAME, line, line);
  const [labels, rest] = parseLabels(line.slice(name.length), line);
  if (!rest.startsWith(' ')) fail('expected a space before the value', line);
  return { name, labels, value: parseNumber(rest.slice(1), line) };
};

export const parseExposition = (text: string, format: Format): ParsedExposition => {
  const families = new Map<string, { type: string; help: string }>();
  const samples: ParsedSample[] = [];
  const seen = new Set<string>();
  const withSamples = new Set<string>();
  let current = '';
  const lines = text.split('\n');
  if (text !== '' && lines.pop() !== '') fail('the last line does not end', text.slice(-100));
  if (format === 'openmetrics' && lines.pop() !== '# EOF') fail('no # EOF', text.slice(-100));

  for (const line of lines) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/u.exec(line);
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment;
      if (match(NAME, name, line) !== name) fail('not a family name', line);
      if (name !== current) {
        if (families.has(name)) fail('a family twice', line);
        current = name;
        families.set(name, { type: '', help: '' });
      }
      const family = families.get(name) ?? fail('no family', line);
      if (withSamples.has(name)) fail('a header after its samples', line);
      if (kind === 'TYPE' && !TYPES[format].includes(rest)) fail('no such type', line);
      // OpenMetrics wants quotes escaped as well; help without any of these is good in both.
      if (kind === 'HELP' && /[\\"]/u.test(rest)) fail('help that needs escaping', line);
      if (kind === 'TYPE') family.type = rest;
      else family.help = rest;
      continue;
    }
    if (line === '' || line.startsWith('#')) fail('neither sample nor header', line);
    const sample = parseSample(line);
    const type = families.get(current)?.type;
    const suffix = format === 'openmetrics' && type === 'counter' ? '_total' : '';
    if (sample.name !== `${current}${suffix}`) fail(`not a sample of ${current}`, line);
    const identity = JSON.stringify([sample.name, sample.labels]);
    if (seen.has(identity)) fail('a sample twice', line);
    seen.add(identity);
    withSamples.add(current);
    samples.push(sample);
  }
  for (const [name, { type, help }] of families) {
    if (type === '' || help === '' || !withSamples.has(name)) fail('an incomplete family', name);
  }
  return { families, samples };
};
