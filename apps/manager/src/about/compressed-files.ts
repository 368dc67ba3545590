/** Which files of the UI were compressed when they were built, and which of the two forms to send. */
import { readdirSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** The better one first. */
const ENCODINGS = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
] as const;

/** Only what is named here is sent compressed: a browser must be told what it is. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);

export interface Compressed {
  /** Of what it is when it is unpacked. */
  readonly type: string;
  readonly encoding: 'br' | 'gzip';
  /** In the folder, with `/`. */
  readonly file: string;
}

export interface CompressedFiles {
  /** There is more than one form of it: what is kept of one must not be given to everybody. */
  has(file: string): boolean;
  /** Undefined: as it is. */
  choose(file: string, accepts: (encoding: string) => boolean): Compressed | undefined;
}

/**
 * Looked up once: a question is only ever compared with the names that were found, so that no path
 * can be made up.
 */
export const findCompressedFiles = (folder: string): CompressedFiles => {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const names = new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
  );
  const forms = new Map<string, readonly Compressed[]>();
  for (const name of names) {
    const type = TYPES.get(extname(name));
    if (type === undefined) continue;
    const found = ENCODINGS.flatMap(({ encoding, suffix }) =>
      names.has(`${name}${suffix}`) ? [{ type, encoding, file: `${name}${suffix}` }] : [],
    );
    if (found.length > 0) forms.set(name, found);
  }
  return {
    has: (file) => forms.has(file),
    choose: (file, accepts) => forms.get(file)?.find(({ encoding }) => accepts(encoding)),
  };
};
