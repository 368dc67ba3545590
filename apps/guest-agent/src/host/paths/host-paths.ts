/**
 * Which files and sockets the agent may open because a VMM's command line, its config or the manager
 * names them: only those below the prefixes of the setting `host_paths`. Symbolic links are followed
 * first, on both sides, so that a link below a prefix does not lead out of it.
 */
import type { MissingPart } from '@innkeeper/protocol';
import type { Files } from '../../platform/platform.ts';
import { missing, missingFrom } from '../missing-part.ts';
import { isBelow, isPlainPath } from './path-components.ts';

export type Allowed = { readonly ok: true; readonly path: string } | MissingPart;

export interface HostPaths {
  /** The path without links, when it is there and allowed. */
  resolve(path: string): Allowed;
  /** By its letters alone, without looking: what is wrong with the path, if anything. */
  problemOf(path: string): MissingPart | undefined;
}

export const makeHostPaths = (
  files: Pick<Files, 'realPath'>,
  prefixes: readonly string[],
): HostPaths => {
  const list = prefixes.join(', ');

  const isAllowed = (path: string): boolean =>
    prefixes.some((prefix) => {
      const real = files.realPath(prefix);
      return isBelow(path, real.ok ? real.value : prefix);
    });

  const problemOf = (path: string): MissingPart | undefined => {
    if (!isPlainPath(path)) {
      return missing('forbidden', 'a path must be absolute, without . or .. or empty parts');
    }
    if (prefixes.some((prefix) => isBelow(path, prefix))) return undefined;
    return missing('forbidden', `${path.slice(0, 200)} is not below ${list} (host_paths)`);
  };

  return {
    problemOf,
    resolve: (path) => {
      // Before anything is looked up: the answer must not tell what exists elsewhere.
      const problem = problemOf(path);
      if (problem !== undefined) return problem;
      const real = files.realPath(path);
      if (!real.ok) return missingFrom(real.error, 'permission to enter its folder');
      if (isAllowed(real.value)) return { ok: true, path: real.value };
      return missing('forbidden', `${path.slice(0, 200)} leads out of ${list} (host_paths)`);
    },
  };
};
