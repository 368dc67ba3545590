/** Which paths of log files a client may name, and how they are opened. */
import { isBelow, isPlainPath } from '../host/paths/path-components.ts';
import type { ByteFile, Files } from '../platform/platform.ts';

/** Where the path really leads, if that is below an allowed folder. */
export const allowedPath = (
  files: Pick<Files, 'realPath'>,
  folders: readonly string[],
  path: string,
): string | undefined => {
  const real = isPlainPath(path) ? files.realPath(path) : undefined;
  if (real?.ok !== true) return undefined;
  const holds = (folder: string): boolean => {
    const root = files.realPath(folder);
    return root.ok && isBelow(real.value, root.value);
  };
  return folders.some(holds) ? real.value : undefined;
};

/** Of a path without links: not if a folder in it has become one, before or while it is opened. */
export const openAllowed = (
  files: Files,
  folders: readonly string[],
  path: string,
): ByteFile | undefined => {
  const isAllowed = (): boolean => allowedPath(files, folders, path) === path;
  const opened = isAllowed() ? files.openBytes(path) : undefined;
  if (opened?.ok !== true) return undefined;
  if (isAllowed() && opened.value.place() === 'same') return opened.value;
  opened.value.close();
  return undefined;
};
