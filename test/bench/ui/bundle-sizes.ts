/** How much of the built UI a browser loads for what, gzipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BundleSizes } from './figures.ts';

/** What a file of the build cannot do without: `import{a}from"./b.js"`, and not `import("./b.js")`. */
export const staticImports = (code: string): string[] =>
  [...code.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/(?<name>[\w.-]+\.js)["'`]/gu)].flatMap(
    ({ groups }) => groups?.['name'] ?? [],
  );

/** The files and what they cannot do without, but for what is known. */
const withImports = (
  names: readonly string[],
  codeOf: (name: string) => string,
  known: ReadonlySet<string>,
): Set<string> => {
  const found = new Set<string>();
  const add = (file: string): void => {
    if (found.has(file) || known.has(file)) return;
    found.add(file);
    for (const next of staticImports(codeOf(file))) add(next);
  };
  for (const name of names) add(name);
  return found;
};

export const measureBundle = (dist: string): BundleSizes => {
  const assets = join(dist, 'assets');
  const codeOf = (name: string): string => readFileSync(join(assets, name), 'utf8');
  const sizeOf = (names: Iterable<string>): number =>
    [...names].reduce((sum, name) => sum + gzipSync(codeOf(name), { level: 9 }).length, 0);
  const files = readdirSync(assets);
  const find = (pattern: RegExp): string => {
    const found = files.filter((name) => pattern.test(name));
    const [name] = found;
    if (name === undefined || found.length > 1) {
      throw new Error(`${assets} has ${found.length} files like ${pattern}`);
    }
    return name;
  };
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const named = [...html.matchAll(/\/assets\/(?<name>[\w.-]+)/gu)].flatMap(
    ({ groups }) => groups?.['name'] ?? [],
  );
  const endingWith = (end: string): string[] => named.filter((name) => name.endsWith(end));
  const initial = withImports(endingWith('.js'), codeOf, new Set());
  const vmPage = withImports([find(/^vm-page-.*\.js$/u)], codeOf, initial);
  const known = new Set([...initial, ...vmPage]);
  const charts = withImports([find(/^overview-.*\.js$/u)], codeOf, known);
  return {
    initialJs: sizeOf(initial),
    initialCss: sizeOf(endingWith('.css')),
    vmPageJs: sizeOf(vmPage),
    chartsJs: sizeOf(charts),
    allCss: sizeOf(files.filter((name) => name.endsWith('.css'))),
  };
};
