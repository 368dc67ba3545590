/** The latest answer of a host's agent, as it is kept. */
import type { ProcessStats } from '@innkeeper/protocol';
import type { PullFailure, PullResult } from '../pull/pull-result.ts';
import type { HostRecord } from './host-record.ts';
import type { Matches } from './match-vmms.ts';
import { termsFor } from './vm-index.ts';

export interface HostStats {
  readonly stats: ProcessStats;
  /** What the answer cannot say, for people. */
  readonly message?: string | undefined;
}

export interface HostAnswer {
  readonly stats: ProcessStats;
  readonly message: string | undefined;
  readonly takenAt: number;
  readonly takenMonotonicMs: number;
  readonly seconds: number;
  /** What the agent said of a VM's locator. */
  readonly unmatched: ReadonlyMap<string, string>;
  /** A VM that has none of these cannot be any of its VMMs. */
  readonly terms: ReadonlySet<string>;
}

export interface WatchedHost {
  readonly host: HostRecord;
  readonly answer: HostAnswer | undefined;
  /** Of the latest pull; undefined after one that went well. */
  readonly failure: PullFailure | undefined;
  /** As of the last time that somebody asked. */
  readonly matches: Matches;
}

export const keepAnswer = (
  hostId: string,
  result: Extract<PullResult<HostStats>, { ok: true }>,
): HostAnswer => {
  const { stats, message } = result.value;
  const unmatched = new Map<string, string>();
  for (const one of stats.unmatched) {
    if (one.vm_id !== null) unmatched.set(one.vm_id, one.message);
  }
  return {
    stats,
    message,
    takenAt: result.receivedAt,
    takenMonotonicMs: result.receivedMonotonicMs,
    seconds: result.seconds,
    unmatched,
    terms: new Set(stats.vms.flatMap((vmm) => termsFor(vmm, hostId))),
  };
};
