/**
 * Why a source that lasts (a pipe, a socket) has no values now, and when it is asked again. What the
 * other end says may be in the message, so it is bounded and has no control characters.
 */
import type { MissingPart, PartProblem } from '@innkeeper/protocol';

const LONGEST_MESSAGE = 512;

/** Cut first and cleaned after: a cut may leave half of a surrogate pair, which is in \p{C} too. */
export const safeMessage = (message: string): string =>
  message.slice(0, LONGEST_MESSAGE).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');

export const sourceProblem = (
  reason: PartProblem,
  message: string,
  retryAtMs?: number,
): MissingPart => ({
  ok: false,
  reason,
  message: safeMessage(message),
  ...(retryAtMs !== undefined && { retry_at: Math.max(0, Math.ceil(retryAtMs)) }),
});
