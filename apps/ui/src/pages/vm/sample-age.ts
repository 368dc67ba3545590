/** How old the newest values of a VM are. */
import type { Reading } from '@innkeeper/protocol';

export interface Received {
  readonly reading: Pick<Reading, 'origin' | 'age_ms' | 'agent_seen_at'>;
  /** By this machine's clock. */
  readonly receivedAt: number;
  readonly now: number;
  readonly managerNow: number;
}

/** Undefined: there was never one. A reading without values comes each second, too. */
export const sampleAgeMs = ({
  reading,
  receivedAt,
  now,
  managerNow,
}: Received): number | undefined => {
  if (reading.origin !== 'none') return Math.max(0, now - receivedAt + reading.age_ms);
  return reading.agent_seen_at === null
    ? undefined
    : Math.max(0, managerNow - reading.agent_seen_at);
};
