/** Why a part has no values: made in one place, so that each says what would change that. */
import type { MissingPart, PartProblem } from '@innkeeper/protocol';
import type { PlatformError } from '../platform/platform.ts';

const MAX_MESSAGE_CHARACTERS = 512;

export const missing = (reason: PartProblem, message: string): MissingPart => ({
  ok: false,
  reason,
  message: message.slice(0, MAX_MESSAGE_CHARACTERS),
});

/** ESRCH: the process ended while its file was open. */
const GONE = new Set(['ENOENT', 'ESRCH', 'ENODEV', 'ENOTDIR']);
const REFUSED = new Set(['EACCES', 'EPERM']);

export const isGone = (error: PlatformError): boolean => GONE.has(error.code);
export const isRefused = (error: PlatformError): boolean => REFUSED.has(error.code);

/** `allow` completes "Needs …" for those who may change it. */
export const missingFrom = (error: PlatformError, allow: string): MissingPart => {
  if (isRefused(error)) return missing('forbidden', `${error.message}; needs ${allow}`);
  return missing(isGone(error) ? 'absent' : 'unreachable', error.message);
};

/** What reading another user's process takes (proc_pid_io(5), ptrace(2) "access mode checking"). */
export const PTRACE = 'CAP_SYS_PTRACE, or the same user as the VMM';
