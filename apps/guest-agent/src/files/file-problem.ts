/** Why a file cannot be read or written, as an answer. */
import type { Refusal } from '../http/message.ts';
import type { PlatformError } from '../platform/platform.ts';

export type FileOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

export const fileRefusal = (
  status: number,
  code: string,
  message: string,
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: { status, code, message },
});

export const fileProblem = (
  error: PlatformError,
): { readonly ok: false; readonly refusal: Refusal } => {
  switch (error.code) {
    case 'ENOENT':
      return fileRefusal(404, 'not_found', 'there is no such file or folder');
    case 'ENOTDIR':
      return fileRefusal(404, 'not_found', 'a part of the path is no folder');
    case 'ELOOP':
      return fileRefusal(403, 'forbidden', 'a part of the path is a symbolic link');
    case 'EACCES':
    case 'EPERM':
      return fileRefusal(403, 'forbidden', 'the agent itself may not do this here');
    case 'EINVAL':
      return fileRefusal(422, 'invalid', 'this is no regular file');
    case 'ENAMETOOLONG':
      return fileRefusal(422, 'invalid', 'a part of the path is too long');
    default:
      return fileRefusal(503, 'unreadable', `the machine says ${error.code}`);
  }
};
