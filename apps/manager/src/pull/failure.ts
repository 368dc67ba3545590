/** Failures of pulls: what people read names the address and never grows past its limit. */
import type { PullFailureKind } from '@innkeeper/protocol';
import type { PullFailure } from './pull-result.ts';

const MAX_MESSAGE = 512;

/** What a guest sends may end up on a terminal: without control characters, and not endless. */
export const printable = (text: string, maxCharacters: number): string => {
  // Cs: half of a pair, which the cut may leave behind and Postgres does not take.
  return text
    .slice(0, maxCharacters)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
};

export const pullFailure = (kind: PullFailureKind, where: string, what: string): PullFailure => ({
  kind,
  message: printable(`${where}: ${what}`, MAX_MESSAGE),
});
