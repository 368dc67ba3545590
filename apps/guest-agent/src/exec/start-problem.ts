/** Why a command could not be started, as an answer. */
import type { Refusal } from '../http/message.ts';
import type { Files, PlatformError } from '../platform/platform.ts';
import type { ExecRequest } from './exec-request.ts';

const quoted = (name: string): string => JSON.stringify(name.slice(0, 200));

/** The kernel says ENOENT for a folder that there is not just as for a program. */
export const explainStart = (
  error: PlatformError,
  program: string,
  { cwd }: Pick<ExecRequest, 'cwd'>,
  files: Pick<Files, 'exists'>,
): Refusal => {
  const invalid = (message: string): Refusal => ({ status: 422, code: 'cannot_start', message });
  switch (error.code) {
    case 'ENOENT':
      return {
        status: 422,
        code: 'not_found',
        message: files.exists(cwd)
          ? `there is no program ${quoted(program)}`
          : `there is no folder ${quoted(cwd)}`,
      };
    case 'ENOTDIR':
      return invalid(`${quoted(program)} or ${quoted(cwd)} leads through what is no folder`);
    case 'EACCES':
      return invalid(
        `${quoted(program)} is no program, or it or ${quoted(cwd)} may not be entered`,
      );
    case 'EPERM':
      return {
        status: 403,
        code: 'forbidden',
        message: 'the agent may not run commands as another user; it is not root',
      };
    case 'E2BIG':
      return invalid('argv and env together are longer than the kernel takes');
    case 'ENOEXEC':
      return invalid(`${quoted(program)} is no program of this machine`);
    default:
      return {
        status: 503,
        code: 'cannot_start',
        message: `the command cannot be started: ${error.message.slice(0, 200)}`,
      };
  }
};
