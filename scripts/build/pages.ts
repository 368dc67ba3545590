/** Builds the pages of the UI with Vite: https://vite.dev/guide/api-javascript.html */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { root } from '../root.ts';

export interface BuiltPages {
  /** Relative to the repository. */
  folder: string;
  /** False: they were built from the same files before. */
  changed: boolean;
}

const FOLDER = 'apps/ui';
const DIST = `${FOLDER}/dist`;
/** In it: what the pages were built from. */
const STAMP = join(root, DIST, '.built-from');
const SOURCE_FOLDERS = [`${FOLDER}/src`, `${FOLDER}/public`, 'packages/protocol/src'];
const SOURCE_FILES = [
  `${FOLDER}/index.html`,
  `${FOLDER}/vite.config.ts`,
  'scripts/build/pages.ts',
  'package-lock.json',
];

function listSources(): string[] {
  const inFolders = SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return [...inFolders, ...SOURCE_FILES.map((file) => join(root, file))].toSorted();
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const path of listSources()) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}

function readStamp(): string | undefined {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    // Never built, or removed.
    return undefined;
  }
}

/** Smaller files hardly get smaller. */
const LEAST_COMPRESSED = 1_000;
const COMPRESSIBLE = /\.(?:css|html|js|json|svg)$/u;

/** Beside each file that is worth it: they are built once and asked for often. */
function compressFiles(): void {
  for (const entry of readdirSync(join(root, DIST), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const content = readFileSync(path);
    if (content.length < LEAST_COMPRESSED) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
    writeFileSync(`${path}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
  }
}

/** Cheap when nothing has changed: Vite is not even loaded. */
export async function buildPages(): Promise<BuiltPages> {
  const sources = hashSources();
  if (readStamp() === sources) return { folder: DIST, changed: false };
  const { build } = await import('vite');
  await build({
    root: join(root, FOLDER),
    configFile: join(root, FOLDER, 'vite.config.ts'),
    logLevel: 'warn',
  });
  compressFiles();
  writeFileSync(STAMP, sources);
  return { folder: DIST, changed: true };
}
