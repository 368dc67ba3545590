/** Which paths of log files a client may name. */
import { isBelow, isPlainPath } from '../host/paths/path-components.ts';
import type { Files } from '../platform/platform.ts';

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
