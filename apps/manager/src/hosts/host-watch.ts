/** What is known of VMs from their hosts, for whoever merges, shows or adopts them. */
import type { FoundVmm, HostStatus, VmmProcess } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { PullFailure, PullResult } from '../pull/pull-result.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { foundIdOf, presentFound } from './found-vmm.ts';
import { keepAnswer, type HostAnswer, type HostStats, type WatchedHost } from './host-answer.ts';
import type { HostObservation } from './host-observation.ts';
import type { HostRecord } from './host-record.ts';
import type { Match } from './match-vmms.ts';
import { makeWatchedHosts, type WatchedHostsOptions } from './watched-hosts.ts';
import { keysBetween } from './vmm-keys.ts';

export interface HostWatch {
  /** One pull of a host has ended. */
  answered(host: HostRecord, result: PullResult<HostStats>): void;
  /** A host that has answered. The answer ends it. */
  onAnswer(listener: (host: HostRecord) => void): () => void;
  observe(vm: VmRecord): HostObservation;
  status(host: Pick<HostRecord, 'id'>): HostStatus;
  /** VMMs that no VM stands for; undefined: the host does not answer. */
  found(hostId: string): readonly FoundVmm[] | undefined;
  /** Such a VMM itself, and all that run beside it. */
  foundProcess(
    hostId: string,
    foundId: string,
  ): { readonly vmm: VmmProcess; readonly all: readonly VmmProcess[] } | undefined;
  /** For the question to a host: its VMs, and the pids by which they are known now. */
  vmsOf(hostId: string): Iterable<Pick<VmRecord, 'id' | 'vmm'>>;
  stop(): void;
}

export interface HostWatchOptions extends WatchedHostsOptions {
  /** Between two questions to a host. */
  readonly intervalMs: number;
  readonly clock: Clock;
}

/** An answer that is older says nothing of now. */
const MAX_AGE_INTERVALS = 3;

const seen = (hostId: string, answer: HostAnswer, { process }: Match): HostObservation => ({
  kind: 'seen',
  hostId,
  takenAt: answer.takenAt,
  takenMonotonicMs: answer.takenMonotonicMs,
  hostTakenAt: answer.stats.taken_at,
  hostBootId: answer.stats.boot_id,
  vmm: process,
});

export const makeHostWatch = ({ intervalMs, clock, ...options }: HostWatchOptions): HostWatch => {
  const watched = makeWatchedHosts(options);
  const maxAgeMs = MAX_AGE_INTERVALS * intervalMs;
  const listeners = new Set<(host: HostRecord) => void>();

  const freshAnswer = (entry: WatchedHost | undefined): HostAnswer | undefined => {
    const answer = entry?.answer;
    const isFresh =
      answer !== undefined && clock.monotonicMs() - answer.takenMonotonicMs <= maxAgeMs;
    return isFresh ? answer : undefined;
  };

  /** Why there is no fresh answer; undefined: there was no time for one yet. */
  const failureOf = (entry: WatchedHost): PullFailure | undefined => {
    if (entry.failure !== undefined || entry.answer === undefined) return entry.failure;
    return { kind: 'timeout', message: `no answer of the host for more than ${maxAgeMs} ms` };
  };

  const unclaimed = (hostId: string): readonly VmmProcess[] | undefined => {
    const entry = watched.get(hostId);
    return freshAnswer(entry) === undefined ? undefined : entry?.matches.unclaimed;
  };

  const observeOn = ({ id }: VmRecord, hostId: string): HostObservation => {
    const entry = watched.get(hostId);
    if (entry === undefined) return { kind: 'no_host' };
    const answer = freshAnswer(entry);
    if (answer === undefined) {
      const failure = failureOf(entry);
      return failure === undefined
        ? { kind: 'pending', hostId }
        : { kind: 'unreachable', hostId, failure };
    }
    const { takenAt } = answer;
    const match = entry.matches.matched.get(id);
    if (match !== undefined) return seen(hostId, answer, match);
    const count = entry.matches.ambiguous.get(id);
    if (count !== undefined) return { kind: 'ambiguous', hostId, takenAt, count };
    const message = answer.unmatched.get(id) ?? answer.message;
    const seenBefore = watched.lastSeenOn(id) !== undefined;
    return { kind: 'no_vmm', hostId, takenAt, seenBefore, message };
  };

  /** A VM without a host is wherever a host sees it. */
  const observeAnywhere = (vm: VmRecord): HostObservation => {
    const claiming = watched
      .claiming(vm.id)
      .filter((hostId) => freshAnswer(watched.get(hostId)) !== undefined);
    const [hostId = watched.lastSeenOn(vm.id)] = claiming;
    if (hostId === undefined) return { kind: 'no_host' };
    const observation = observeOn(vm, hostId);
    if (claiming.length < 2 || observation.kind !== 'seen') return observation;
    // Two hosts at once: it moves from one to the other, or one uuid was used twice.
    return { kind: 'ambiguous', hostId, takenAt: observation.takenAt, count: claiming.length };
  };

  /** What the agent is told of a VM. It knows a process by its pid alone. */
  const told = (vm: VmRecord, match: Match | undefined, hostId: string) => {
    const { id, vmm } = vm;
    if (vmm === undefined) return { id, vmm };
    const keys = match === undefined ? [] : keysBetween(vm, match.process, hostId);
    // Not the pid of a match by the agent's own echo of this question: one that was wrong would
    // confirm itself for ever.
    if (match !== undefined && keys.some((key) => key !== 'locator')) {
      return { id, vmm: { ...vmm, pid: match.process.pid } };
    }
    if (vmm.start_ticks === undefined) return { id, vmm };
    // That process has gone; the next one with its pid would pass for this VM.
    const { pid: _gone, ...rest } = vmm;
    return { id, vmm: rest };
  };

  return {
    answered: (host, result) => {
      // Else it was removed, or is asked elsewhere by now.
      if (!watched.isSame(host)) return;
      if (!result.ok) {
        watched.fail(host.id, result.failure);
        return;
      }
      watched.answer(host.id, keepAnswer(host.id, result));
      for (const listener of listeners) listener(host);
    },
    onAnswer: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    observe: (vm) => (vm.hostId === undefined ? observeAnywhere(vm) : observeOn(vm, vm.hostId)),
    status: ({ id }) => {
      const entry = watched.get(id);
      const answer = freshAnswer(entry);
      const stats = answer?.stats;
      const failure = entry === undefined ? undefined : failureOf(entry);
      const silent = failure === undefined ? 'unknown' : 'down';
      const problem = answer === undefined ? failure : entry?.failure;
      return {
        state: answer === undefined ? silent : 'up',
        reason: problem?.kind ?? null,
        message: problem?.message ?? answer?.message ?? null,
        seen_at: entry?.answer?.takenAt ?? null,
        poll_seconds: answer?.seconds ?? null,
        cpu_count: stats?.cpu_count ?? null,
        cpu_usage_percent: stats?.host_cpu_usage_percent ?? null,
        memory_total_bytes: stats?.memory_total_bytes ?? null,
        vmm_count: stats?.vms.length ?? null,
        found_count: answer === undefined ? null : (entry?.matches.unclaimed.length ?? null),
      };
    },
    found: (hostId) => unclaimed(hostId)?.map((vmm) => presentFound(hostId, vmm)),
    foundProcess: (hostId, foundId) => {
      const vmm = unclaimed(hostId)?.find((one) => foundIdOf(one) === foundId);
      const all = watched.get(hostId)?.answer?.stats.vms ?? [];
      return vmm === undefined ? undefined : { vmm, all };
    },
    vmsOf: function* vmsOf(hostId) {
      const matched = watched.get(hostId)?.matches.matched ?? new Map<string, Match>();
      for (const vm of watched.index.onHost(hostId)) yield told(vm, matched.get(vm.id), hostId);
      for (const [id, match] of matched) {
        const vm = watched.index.get(id);
        if (vm !== undefined && vm.hostId === undefined) yield told(vm, match, hostId);
      }
    },
    stop: () => {
      watched.stop();
    },
  };
};
