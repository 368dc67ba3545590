/**
 * The one reader of a VM's Firecracker metrics. It always drains, whether anybody asks or not: the
 * pipe holds 64 KiB, about ten lines, and what does not fit is lost. It flushes at its own interval,
 * so that the counters are seconds old and not the 60 s of Firecracker's own timer.
 */
import type { MissingPart, VmmProcess } from '@innkeeper/protocol';
import type { Clock, Files, Network, TextCodec } from '../../platform/platform.ts';
import type { Located } from '../paths/vmm-paths.ts';
import { safeMessage, sourceProblem } from '../source-problem.ts';
import { makeFlushClient, type FlushCounts } from './flush-client.ts';
import { makeLineIntake } from './line-intake.ts';
import { metricsPart } from './metrics-part.ts';
import { openProblem } from './open-problem.ts';
import { makePipeFollower } from './pipe-follower.ts';

export type FirecrackerPart = VmmProcess['firecracker'];

export interface FirecrackerDeps {
  readonly files: Pick<Files, 'openPipe'>;
  readonly network: Pick<Network, 'connect'>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'after'>;
  readonly text: Pick<TextCodec, 'decodeUtf8' | 'decodeLatin1'>;
}

export interface FirecrackerOptions {
  /** A FIFO or a file. */
  readonly metricsPath: string;
  /** Where the API socket is, or why not; asked again. Without it only others flush. */
  readonly locateApi: () => Located;
  readonly flushIntervalMs?: number;
}

export interface FirecrackerMetrics {
  /** Instant: what has been read so far, or why there is nothing. */
  read(): FirecrackerPart;
  flushCounts(): FlushCounts;
  stop(): void;
}

const FLUSH_INTERVAL_MS = 1_000;
/** Each flush costs the VMM some of the guest's time, so who is not asked for is flushed rarely. */
const IDLE_FLUSH_INTERVAL_MS = 15_000;
const IDLE_AFTER_MS = 60_000;
const SHORTEST_INTERVAL_MS = 250;
/** Plus one poll after each flush. */
const POLL_MS = 500;
/** Firecracker's own timer (WRITE_METRICS_PERIOD_MS in its source). */
const OWN_FLUSH_MS = 60_000;
const MISSED_INTERVALS = 5;

/** A tenth of the interval to spare: the timers of both ends are late now and then. */
const SLACK = 0.1;

/** Spreads the readers of many VMs, which all start in one moment, over the poll interval. */
const phaseOf = (path: string): number => {
  let hash = 0;
  for (const character of path) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % POLL_MS;
};

export const makeFirecrackerMetrics = (
  deps: FirecrackerDeps,
  options: FirecrackerOptions,
): FirecrackerMetrics => {
  const { clock } = deps;
  const { metricsPath, locateApi } = options;
  const flushMs = Math.max(options.flushIntervalMs ?? FLUSH_INTERVAL_MS, SHORTEST_INTERVAL_MS);
  const idleFlushMs = Math.max(flushMs, IDLE_FLUSH_INTERVAL_MS);
  const pollMs = Math.min(flushMs, POLL_MS);
  const startedMs = clock.monotonicMs();
  const intake = makeLineIntake(clock);
  const follower = makePipeFollower(deps, metricsPath, intake.sink);
  /** When the newest flush was due. */
  let flushedMs = startedMs - idleFlushMs;
  let readMs: number | undefined;
  /** Since then somebody has asked again and again. */
  let askedSinceMs = startedMs;
  let cancelPoll = (): void => undefined;
  let stopped = false;

  const flusher = makeFlushClient(deps, locateApi, () => {
    if (!stopped) follower.poll();
  });

  const isAskedFor = (): boolean =>
    readMs !== undefined && clock.monotonicMs() - readMs <= IDLE_AFTER_MS;

  const noteRead = (): void => {
    const nowMs = clock.monotonicMs();
    if (!isAskedFor()) askedSinceMs = nowMs;
    readMs = nowMs;
  };

  const poll = (): void => {
    follower.poll();
    // Nobody asks Firecracker to write what nobody reads.
    if (!follower.isOpen()) return;
    const nowMs = clock.monotonicMs();
    const intervalMs = isAskedFor() ? flushMs : idleFlushMs;
    const dueMs = flushedMs + intervalMs;
    if (nowMs < dueMs - flushMs * SLACK) return;
    flushedMs = Math.max(dueMs, nowMs - flushMs);
    flusher.flush();
  };

  const pollAfter = (delayMs: number): void => {
    cancelPoll = clock.after(delayMs, () => {
      pollAfter(pollMs);
      poll();
    });
  };

  /** Lines come at our interval, or would if Firecracker did not stand still. */
  const isFlushing = (): boolean => {
    const last = flusher.lastOutcome();
    if (last === undefined) return false;
    if (last.ok) return true;
    const hasFlushed = intake.lastLineMs() === undefined || flusher.counts().flushes > 0;
    return last.reason === 'timeout' && hasFlushed;
  };

  /** Right after a pause the newest line may be as old as one that was flushed rarely. */
  const isSilent = (): boolean => {
    const nowMs = clock.monotonicMs();
    const lastMs = intake.lastLineMs() ?? startedMs;
    if (!isFlushing()) return nowMs - lastMs > MISSED_INTERVALS * OWN_FLUSH_MS;
    if (nowMs - lastMs > MISSED_INTERVALS * idleFlushMs) return true;
    return nowMs - Math.max(lastMs, askedSinceMs) > MISSED_INTERVALS * flushMs;
  };

  const flushProblem = (): string | undefined => {
    const flush = flusher.lastOutcome();
    return flush?.ok === false ? safeMessage(flush.message) : undefined;
  };

  const whySilent = (): string => {
    if (follower.hasNoWriter()) return '; no process has it open for writing';
    const problem = flushProblem();
    return problem === undefined ? '' : `; flush: ${problem}`;
  };

  const whyNothing = (): MissingPart => {
    const problem = follower.problem();
    if (problem !== undefined) {
      return openProblem(metricsPath, problem.error, problem.retryAtMs);
    }
    const lineProblem = intake.problem();
    if (lineProblem !== undefined) {
      return sourceProblem('malformed', `${metricsPath}: ${lineProblem}`);
    }
    const lastLineMs = intake.lastLineMs();
    const silentMs = clock.monotonicMs() - (lastLineMs ?? startedMs);
    if (lastLineMs === undefined && !isSilent()) {
      return sourceProblem('pending', `no line yet${whySilent()}`);
    }
    const seconds = (silentMs / 1000).toFixed(1);
    return sourceProblem('timeout', `no line for ${seconds} s${whySilent()}`);
  };

  poll();
  pollAfter(phaseOf(metricsPath) % pollMs);

  return {
    read: () => {
      noteRead();
      if (intake.tellsOnlySums()) {
        return sourceProblem('absent', 'this Firecracker tells sums only; per device needs 1.6');
      }
      const sinceMs = follower.sinceMs();
      const takenAtMs = intake.totals.takenAt();
      const lastLineMs = intake.lastLineMs();
      if (sinceMs === undefined || takenAtMs === undefined || lastLineMs === undefined) {
        return whyNothing();
      }
      if (isSilent()) return whyNothing();
      return metricsPart(intake.totals, sinceMs, takenAtMs, flushProblem());
    },
    flushCounts: () => flusher.counts(),
    stop: () => {
      stopped = true;
      cancelPoll();
      flusher.stop();
      follower.close();
    },
  };
};
