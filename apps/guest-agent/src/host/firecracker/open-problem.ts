/** Why a metrics path cannot be followed, with what would change that. */
import type { MissingPart } from '@innkeeper/protocol';
import type { PlatformError } from '../../platform/platform.ts';
import { sourceProblem } from '../source-problem.ts';

export const openProblem = (
  path: string,
  { code, message }: PlatformError,
  retryAtMs: number | undefined,
): MissingPart => {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return sourceProblem('absent', `${path} does not exist`, retryAtMs);
    case 'EACCES':
    case 'EPERM': {
      const allowed = 'needs read permission on it, or CAP_DAC_READ_SEARCH';
      return sourceProblem('forbidden', `${path}: ${allowed}`, retryAtMs);
    }
    case 'ELOOP':
      return sourceProblem('forbidden', `${path}: symbolic links are not followed`, retryAtMs);
    case 'EINVAL':
    case 'EISDIR':
    case 'ENXIO':
      return sourceProblem('malformed', `${path} is neither a FIFO nor a file`, retryAtMs);
    default:
      return sourceProblem('unreachable', `${path}: ${message}`, retryAtMs);
  }
};
