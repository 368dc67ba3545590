/**
 * Keeps the streams: opens one where the first listener joins, ends it when the last has been gone
 * for a while, and sees that all of them together hold no more than they may.
 */
import { randomUUID } from 'node:crypto';
import type { LogSource } from '@innkeeper/protocol';
import type { Vms } from '../../vms/vm-record.ts';
import { LOG_LIMITS, type LogLimits } from '../limits.ts';
import type { UpstreamDependencies } from '../upstream/live-upstream.ts';
import { makeHubCounters, type HubStats } from './hub-stats.ts';
import { makeOwnedStream, type OwnedStream } from './hub-stream.ts';
import type { LogHub } from './log-hub.ts';

export interface LogHubDependencies extends Omit<UpstreamDependencies, 'limits'> {
  readonly vms: Pick<Vms, 'get' | 'onChange'>;
  /** Calls back at each pull of a VM, with whether its agent has answered; the answer ends it. */
  readonly onPulled: (listener: (vmId: string, hasAnswered: boolean) => void) => () => void;
  readonly limits?: Partial<LogLimits>;
}

export interface OwnedLogHub extends LogHub {
  stats(): HubStats;
}

interface Kept {
  readonly stream: OwnedStream;
  lingering: NodeJS.Timeout | undefined;
}

/** Freed at once where there is too much, so that the largest is not looked for at each line. */
const SHRINK_SHARE = 1 / 64;

const keyOf = (vmId: string, source: LogSource | undefined): string => `${vmId} ${source ?? ''}`;

const largestOf = (streams: Iterable<Kept>): OwnedStream | undefined => {
  let found: OwnedStream | undefined;
  for (const { stream } of streams) {
    if (found === undefined || stream.bytes() > found.bytes()) found = stream;
  }
  return found;
};

export const makeLogHub = (dependencies: LogHubDependencies): OwnedLogHub => {
  const limits: LogLimits = { ...LOG_LIMITS, ...dependencies.limits };
  const counters = makeHubCounters();
  const streams = new Map<string, Kept>();
  const byVm = new Map<string, Set<OwnedStream>>();
  /** VMs with a stream whose last pull has failed. */
  const silent = new Set<string>();
  const ending = new Set<Promise<void>>();
  let bytes = 0;
  let isShrinking = false;
  let isStopped = false;
  let ticker: NodeJS.Timeout | undefined;

  const end = (key: string): void => {
    const kept = streams.get(key);
    if (kept === undefined) return;
    const { stream, lingering } = kept;
    clearTimeout(lingering);
    streams.delete(key);
    const same = byVm.get(stream.vmId);
    same?.delete(stream);
    if (same?.size === 0) {
      byVm.delete(stream.vmId);
      silent.delete(stream.vmId);
    }
    if (streams.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
    }
    const ended = stream.stop().finally(() => ending.delete(ended));
    ending.add(ended);
  };

  const changeBytes = (difference: number): void => {
    bytes += difference;
    if (isShrinking) return;
    isShrinking = true;
    while (bytes > limits.totalBytes) {
      const stream = largestOf(streams.values());
      if (stream === undefined || stream.bytes() === 0) break;
      stream.shrink(Math.max(bytes - limits.totalBytes, limits.totalBytes * SHRINK_SHARE));
    }
    isShrinking = false;
  };

  const stopChanges = dependencies.vms.onChange(({ kind, vm }) => {
    for (const [key, { stream }] of streams) {
      if (stream.vmId !== vm.id) continue;
      if (kind === 'removed') end(key);
      else stream.vmChanged(vm);
    }
  });

  const stopPulls = dependencies.onPulled((vmId, hasAnswered) => {
    const same = byVm.get(vmId);
    if (same === undefined) return;
    if (silent.has(vmId) !== hasAnswered) return;
    if (hasAnswered) silent.delete(vmId);
    else silent.add(vmId);
    for (const stream of same) stream.agentAnswers(hasAnswered);
  });

  return {
    join: (vm, source, listener, resumeAfter, notBefore) => {
      if (isStopped) throw new Error('the log hub has been stopped');
      const key = keyOf(vm.id, source);
      let kept = streams.get(key);
      if (kept === undefined) {
        const stream = makeOwnedStream({
          ...dependencies,
          limits,
          // Whoever joins may have waited since it looked the VM up, and a change is told only once.
          vm: dependencies.vms.get(vm.id) ?? vm,
          source,
          resumeAfter,
          paceMs: listener.isPatient === true ? limits.patientPaceMs : undefined,
          notBefore,
          epoch: randomUUID(),
          counters,
          onBytes: changeBytes,
          onIdle: () => {
            const idle = streams.get(key);
            if (idle?.stream !== stream) return;
            idle.lingering = setTimeout(end, limits.lingerMs, key);
          },
        });
        kept = { stream, lingering: undefined };
        streams.set(key, kept);
        byVm.set(vm.id, (byVm.get(vm.id) ?? new Set()).add(stream));
        ticker ??= setInterval(() => {
          for (const each of streams.values()) each.stream.tick();
        }, limits.hotMs);
      }
      clearTimeout(kept.lingering);
      kept.lingering = undefined;
      return kept.stream.join(listener);
    },
    held: (vmId, source) => streams.get(keyOf(vmId, source))?.stream.held(),
    hasRoom: (vmId, source) => {
      if (streams.has(keyOf(vmId, source))) return true;
      const others = [...(byVm.get(vmId) ?? [])].filter((stream) => stream.source !== undefined);
      const hasOwn = source === undefined || others.length < limits.maxStreamsPerVm - 1;
      return streams.size < limits.maxStreams && hasOwn;
    },
    retryNow: (vmId) => {
      for (const stream of byVm.get(vmId) ?? []) stream.retryNow();
    },
    stats: () => {
      let liveStreams = 0;
      let listeners = 0;
      for (const { stream } of streams.values()) {
        if (stream.isLive()) liveStreams += 1;
        listeners += stream.listeners();
      }
      return { ...counters, streams: streams.size, liveStreams, listeners, bytes };
    },
    stop: async () => {
      isStopped = true;
      stopChanges();
      stopPulls();
      for (const key of streams.keys()) end(key);
      await Promise.all(ending);
    },
  };
};
