/**
 * Label sets in the exposition formats: `{device="eth0"}`. Values come from the machine and may hold
 * anything, so they are escaped and bounded here and nowhere else.
 */

export type Labels = Readonly<Record<string, string>>;

const MAX_VALUE_CHARACTERS = 1024;
/** Bounds each cache; a machine with more devices pays for formatting them again. */
const MAX_CACHED = 4096;

const NEEDS_ESCAPE = /[\\"\n]/gu;

const escapeCharacter = (character: string): string =>
  character === '\n' ? String.raw`\n` : `\\${character}`;

/** Half of a character outside the basic plane has no UTF-8, and one such byte spoils a scrape. */
const bounded = (value: string): string =>
  value.length <= MAX_VALUE_CHARACTERS
    ? value
    : value.slice(0, MAX_VALUE_CHARACTERS).replace(/[\ud800-\udbff]$/u, '');

const escapeValue = (value: string): string =>
  bounded(value).replaceAll(NEEDS_ESCAPE, escapeCharacter);

export const formatLabels = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return `{${pairs.join(',')}}`;
};

/** The same few label sets are written at every scrape; formatting them is half of its cost. */
export const cacheLabels = <Key>(labelsOf: (key: Key) => Labels): ((key: Key) => string) => {
  const cache = new Map<Key, string>();
  return (key) => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    if (cache.size >= MAX_CACHED) cache.clear();
    const text = formatLabels(labelsOf(key));
    cache.set(key, text);
    return text;
  };
};
