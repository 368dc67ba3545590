/** What is remembered of one VM's agent: its last sample, what came of it, and what is known of it. */
import type { Sample } from '@innkeeper/protocol';
import type { AgentFacts, ArrivedGuest } from '../merge/merge.ts';
import type { PullResult } from '../pull/pull-result.ts';
import type { Boot } from '../rate/elapsed.ts';
import { baselineOf, guestRates, type Baseline } from '../rate/guest-rates.ts';
import type { Timed } from '../rate/timed.ts';
import { topListOf, type TopList } from '../rate/top-list.ts';
import { rebootEvent, type NewVmEvent } from './vm-events.ts';

export interface AgentMemory {
  /** The event where the guest has started anew. */
  take(result: PullResult<Sample>, clockOffsetMs: number | undefined): NewVmEvent | undefined;
  /** No pull has ended in this turn. `nextAt`: when it is asked again, if that is not the next turn. */
  skip(nextAt: number | undefined): void;
  view(): ArrivedGuest | undefined;
  facts(): AgentFacts;
  /** The next sample is compared to none. */
  forgetSamples(): void;
  /** The address is another one, and perhaps the guest is too. */
  forgetGuest(): void;
}

/** In the middle between question and answer, by the manager's clock. */
const clockOffset = ({ value, receivedAt, seconds }: Timed<Sample>): number =>
  Math.round(value.taken_at - (receivedAt - seconds * 500));

export const makeAgentMemory = (
  intervalMs: number,
  agentSeenAt: number | undefined,
  bootId: string | undefined,
): AgentMemory => {
  let before: Timed<Baseline> | undefined;
  let view: ArrivedGuest | undefined;
  let topList: TopList | undefined;
  let boot: Boot | undefined =
    bootId === undefined ? undefined : { boot_id: bootId, uptime_seconds: null };
  let facts: AgentFacts = {
    identity: null,
    agent_seen_at: agentSeenAt ?? null,
    boot_id: bootId ?? null,
    clock_offset_ms: null,
    pull_seconds: null,
    next_pull_at: null,
  };

  const forgetSamples = (): void => {
    before = undefined;
    view = undefined;
  };

  return {
    take: (result, clockOffsetMs) => {
      if (!result.ok) {
        facts = { ...facts, pull_seconds: result.seconds, next_pull_at: null };
        return undefined;
      }
      topList = topListOf(topList, result);
      const rates = guestRates(before, result, intervalMs);
      if (rates !== 'too_soon') {
        before = baselineOf(result);
        view = {
          view: rates,
          topAt: topList.at,
          at: result.receivedAt,
          monotonicMs: result.receivedMonotonicMs,
        };
      }
      const { vm_id, boot_id, uptime_seconds } = result.value;
      const event = rebootEvent(boot, result.value, result.receivedAt);
      boot = { boot_id: boot_id ?? boot?.boot_id ?? null, uptime_seconds };
      facts = {
        identity: vm_id === null ? 'unverified' : 'verified',
        agent_seen_at: result.receivedAt,
        boot_id: boot.boot_id,
        clock_offset_ms: clockOffsetMs ?? clockOffset(result),
        pull_seconds: result.seconds,
        next_pull_at: null,
      };
      return event;
    },
    skip: (next) => {
      const nextAt = next ?? null;
      if (facts.pull_seconds === null && facts.next_pull_at === nextAt) return;
      facts = { ...facts, pull_seconds: null, next_pull_at: nextAt };
    },
    view: () => view,
    facts: () => facts,
    forgetSamples,
    forgetGuest: () => {
      forgetSamples();
      topList = undefined;
      // The same guest with another address has perhaps started anew, which its boot id tells.
      boot = boot === undefined ? undefined : { ...boot, uptime_seconds: null };
      facts = {
        ...facts,
        identity: null,
        clock_offset_ms: null,
        pull_seconds: null,
        next_pull_at: null,
      };
    },
  };
};
