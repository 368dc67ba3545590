/** The query of a URL as an object: a text per parameter, or an array where it is given twice. */

export const parseQuery = (url: string): Readonly<Record<string, string | string[]>> => {
  const query = new Map<string, string | string[]>();
  const start = url.indexOf('?');
  const text = start === -1 ? '' : url.slice(start + 1);
  for (const [name, value] of new URLSearchParams(text)) {
    const before = query.get(name);
    // Added to, not copied: a URL has room for eight thousand.
    if (Array.isArray(before)) before.push(value);
    else query.set(name, before === undefined ? value : [before, value]);
  }
  // Defines properties, so `__proto__` becomes a name like others, and then an unknown one.
  return Object.fromEntries(query);
};
