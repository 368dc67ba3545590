/** Why something that only the guest's agent knows is not there. */
import type { Reading } from '@innkeeper/protocol';
import type { TimeFormat } from '../../format/time.ts';

export type AgentSilence =
  /** It answers, or nothing has been heard yet that says otherwise. */
  { readonly kind: 'waiting' } | { readonly kind: 'silent'; readonly why: string };

export const agentSilence = (
  reading: Pick<Reading, 'origin' | 'reason' | 'agent_seen_at'> | undefined,
  time: Pick<TimeFormat, 'stamp'>,
): AgentSilence => {
  if (reading === undefined || reading.origin === 'guest') return { kind: 'waiting' };
  const { reason, agent_seen_at: seen } = reading;
  if (seen !== null) {
    return {
      kind: 'silent',
      why: `the agent does not answer; it last did at ${time.stamp(seen)}`,
    };
  }
  return {
    kind: 'silent',
    why:
      reason === 'no_guest_ip'
        ? 'it has no address at which its agent could be asked'
        : 'the agent has not answered since the manager knows of it',
  };
};
