/** What may stand between two slashes of a path that the agent is told. */

/** `.`, `..` and nothing are refused rather than resolved, so that a prefix is what it looks like. */
export const isPathComponent = (part: string): boolean =>
  part !== '' && part !== '.' && part !== '..' && !part.includes('\0');

const MAX_PATH_CHARACTERS = 4096;

export const isPlainPath = (path: string): boolean =>
  path.startsWith('/') &&
  path.length <= MAX_PATH_CHARACTERS &&
  path.slice(1).split('/').every(isPathComponent);

/** By component: `/run` holds `/run/x` and never `/runner`. */
export const isBelow = (path: string, prefix: string): boolean =>
  prefix === '/' || path.startsWith(`${prefix}/`);
