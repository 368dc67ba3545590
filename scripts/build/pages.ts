/** Builds the pages of the UI with Vite: https://vite.dev/guide/api-javascript.html */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
const SOURCE_FILES = [`${FOLDER}/index.html`, `${FOLDER}/vite.config.ts`, 'package-lock.json'];

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
  writeFileSync(STAMP, sources);
  return { folder: DIST, changed: true };
}
