/** Counts why callers were not let in, for the manager's metrics. */

export type FailureReason =
  | 'nothing_shown'
  | 'malformed'
  | 'unknown_token'
  | 'session_ended'
  | 'sign_in_failed'
  | 'sign_in_limited';

export interface FailureCounts {
  count(reason: FailureReason): void;
  read(): Readonly<Record<FailureReason, number>>;
}

export const makeFailureCounts = (): FailureCounts => {
  const counts: Record<FailureReason, number> = {
    nothing_shown: 0,
    malformed: 0,
    unknown_token: 0,
    session_ended: 0,
    sign_in_failed: 0,
    sign_in_limited: 0,
  };
  return {
    count: (reason) => {
      counts[reason] += 1;
    },
    read: () => ({ ...counts }),
  };
};
