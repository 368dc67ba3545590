/**
 * Asks again only after a while what was refused or is not there: each failure costs an exception,
 * and on a machine where the agent may not look there would be one per VM and call.
 */
import type { MissingPart } from '@innkeeper/protocol';
import type { Clock } from '../../platform/platform.ts';

const RETRY_MS = 10_000;

export const makeCautious = <Value extends { readonly ok: true }>(
  clock: Pick<Clock, 'monotonicMs'>,
  read: () => Value | MissingPart,
): (() => Value | MissingPart) => {
  let failed: { readonly part: MissingPart; readonly atMs: number } | undefined;
  return () => {
    if (failed !== undefined && clock.monotonicMs() - failed.atMs < RETRY_MS) return failed.part;
    const part = read();
    failed = part.ok ? undefined : { part, atMs: clock.monotonicMs() };
    return part;
  };
};
