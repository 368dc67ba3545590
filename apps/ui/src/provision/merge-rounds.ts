/** The rounds of a VM: those that were asked for, and the newest as it goes on. */
import type { ProvisioningRound } from '@innkeeper/protocol';

export const mergeRounds = (
  asked: readonly ProvisioningRound[] | undefined,
  live: ProvisioningRound | null | undefined,
): readonly ProvisioningRound[] | undefined => {
  if (live === undefined || live === null) return asked;
  const others = (asked ?? []).filter(
    ({ id, created_at: at }) => id !== live.id && at <= live.created_at,
  );
  return [live, ...others];
};
