/**
 * Finds a path below the allowed folders, in a way that nobody on the machine can bend while it is
 * walked: each part is entered from the open folder before it, and no symbolic link is followed.
 * Only the allowed folders themselves may be links; they are the owner's own words.
 */
import { isBelow, isPlainPath } from '../host/paths/path-components.ts';
import type { Files, Folder } from '../platform/platform.ts';
import { fileProblem, fileRefusal, type FileOutcome } from './file-problem.ts';

export interface Place {
  /** Open, and the caller's to close. */
  readonly folder: Folder;
  /** Undefined for an allowed folder itself. */
  readonly name: string | undefined;
}

const FOLDER_MODE = 0o755;

const enter = (folder: Folder, name: string, makeFolders: boolean): FileOutcome<Folder> => {
  let entered = folder.enter(name);
  if (!entered.ok && entered.error.code === 'ENOENT' && makeFolders) {
    const made = folder.makeFolder(name, FOLDER_MODE);
    // Somebody else may have made it meanwhile.
    if (!made.ok && made.error.code !== 'EEXIST') return fileProblem(made.error);
    entered = folder.enter(name);
  }
  return entered.ok ? entered : fileProblem(entered.error);
};

/** The longest one: where two overlap, the inner one says more. */
const prefixOf = (prefixes: readonly string[], path: string): string | undefined =>
  prefixes
    .filter((prefix) => path === prefix || isBelow(path, prefix))
    .reduce<string | undefined>(
      (longest, prefix) => (prefix.length > (longest?.length ?? 0) ? prefix : longest),
      undefined,
    );

export const findPlace = (
  files: Pick<Files, 'openFolder'>,
  prefixes: readonly string[],
  path: string,
  options: { readonly makeFolders: boolean } = { makeFolders: false },
): FileOutcome<Place> => {
  if (prefixes.length === 0) {
    return fileRefusal(403, 'forbidden', 'files are off on this machine (setting file_prefixes)');
  }
  if (path !== '/' && !isPlainPath(path)) {
    const message = 'path must be absolute, without . and .. and empty parts';
    return fileRefusal(422, 'invalid', message);
  }
  const prefix = prefixOf(prefixes, path);
  if (prefix === undefined) {
    return fileRefusal(403, 'forbidden', 'the path is not below file_prefixes');
  }
  const opened = files.openFolder(prefix);
  if (!opened.ok) return fileProblem(opened.error);
  const parts = path
    .slice(prefix.length)
    .split('/')
    .filter((part) => part !== '');
  const name = parts.pop();
  let folder = opened.value;
  for (const part of parts) {
    const entered = enter(folder, part, options.makeFolders);
    folder.close();
    if (!entered.ok) return entered;
    folder = entered.value;
  }
  return { ok: true, value: { folder, name } };
};
