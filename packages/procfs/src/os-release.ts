/**
 * /etc/os-release: which distribution this is, as shell assignments.
 * https://www.freedesktop.org/software/systemd/man/latest/os-release.html.
 *
 * Lines that are no assignment are skipped: distributors and image builders write this file, not
 * the kernel. All its fields have defaults, so even an empty file is a valid one.
 */

import { parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export function parseOsRelease(text: string): Parsed<ReadonlyMap<string, string>> {
  const assignments = new Map<string, string>();
  for (const rawLine of text.split('\n')) {
    const line = rawLine.trim();
    const equals = line.indexOf('=');
    if (equals === -1) continue;
    const key = line.slice(0, equals);
    // A comment (`#VERSION=1`) is no name either.
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) continue;
    const value = unquote(line.slice(equals + 1));
    if (value !== undefined) assignments.set(key, value);
  }
  return parsed(assignments);
}

/** `undefined` if a quote has no end. */
function unquote(value: string): string | undefined {
  const quote = value.charAt(0);
  if (quote !== '"' && quote !== "'") return value.replace(/\\(.)/g, '$1');
  if (value.length < 2 || !value.endsWith(quote)) return undefined;
  const inner = value.slice(1, -1);
  // In the shell, a backslash means nothing between single quotes, and between double quotes it
  // only escapes these four.
  return quote === "'" ? inner : inner.replace(/\\(["\\$`])/g, '$1');
}
