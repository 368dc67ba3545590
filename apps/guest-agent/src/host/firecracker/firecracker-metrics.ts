/**
 * The one reader of a VM's Firecracker metrics. It always drains, whether anybody asks or not: the
 * pipe holds 64 KiB, about ten lines, and what does not fit is lost. It flushes at its own interval,
 * so that the counters are seconds old and not the 60 s of Firecracker's own timer.
 */
import type { MissingPart, VmmProcess } from '@innkeeper/protocol';
import type { Clock, Files, Network, TextCodec } from '../../platform/platform.ts';
import { sourceProblem } from '../source-problem.ts';
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
  /** Without it lines come only when Firecracker or somebody else flushes. */
  readonly apiSocket: string | undefined;
  readonly flushIntervalMs?: number;
}

export interface FirecrackerMetrics {
  /** Instant: what has been read so far, or why there is nothing. */
  read(): FirecrackerPart;
  flushCounts(): FlushCounts;
  stop(): void;
}

const FLUSH_INTERVAL_MS = 1_000;
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
  const { metricsPath, apiSocket } = options;
  const flushMs = Math.max(options.flushIntervalMs ?? FLUSH_INTERVAL_MS, SHORTEST_INTERVAL_MS);
  const pollMs = Math.min(flushMs, POLL_MS);
  const startedMs = clock.monotonicMs();
  const intake = makeLineIntake(clock);
  const follower = makePipeFollower(deps, metricsPath, intake.sink);
  let nextFlushMs = startedMs;
  let cancelPoll = (): void => undefined;
  let stopped = false;

  const flusher =
    apiSocket === undefined
      ? undefined
      : makeFlushClient(deps, apiSocket, () => {
          if (!stopped) follower.poll();
        });

  const poll = (): void => {
    follower.poll();
    // Nobody asks Firecracker to write what nobody reads.
    if (flusher === undefined || !follower.isOpen()) return;
    const nowMs = clock.monotonicMs();
    if (nowMs < nextFlushMs - flushMs * SLACK) return;
    nextFlushMs = Math.max(nextFlushMs, nowMs - flushMs) + flushMs;
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
    const last = flusher?.lastOutcome();
    if (last === undefined) return false;
    if (last.ok) return true;
    const hasFlushed = intake.lastLineMs() === undefined || (flusher?.counts().flushes ?? 0) > 0;
    return last.reason === 'timeout' && hasFlushed;
  };

  const longestSilenceMs = (): number => MISSED_INTERVALS * (isFlushing() ? flushMs : OWN_FLUSH_MS);

  const whySilent = (): string => {
    if (follower.hasNoWriter()) return '; no process has it open for writing';
    const flush = flusher?.lastOutcome();
    return flush?.ok === false ? `; flush: ${flush.message}` : '';
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
    if (lastLineMs === undefined && silentMs <= longestSilenceMs()) {
      return sourceProblem('pending', `no line yet${whySilent()}`);
    }
    const seconds = (silentMs / 1000).toFixed(1);
    return sourceProblem('timeout', `no line for ${seconds} s${whySilent()}`);
  };

  poll();
  pollAfter(phaseOf(metricsPath) % pollMs);

  return {
    read: () => {
      if (intake.tellsOnlySums()) {
        return sourceProblem('absent', 'this Firecracker tells sums only; per device needs 1.6');
      }
      const sinceMs = follower.sinceMs();
      const takenAtMs = intake.totals.takenAt();
      const lastLineMs = intake.lastLineMs();
      if (sinceMs === undefined || takenAtMs === undefined || lastLineMs === undefined) {
        return whyNothing();
      }
      const isFresh = clock.monotonicMs() - lastLineMs <= longestSilenceMs();
      return isFresh ? metricsPart(intake.totals, sinceMs, takenAtMs) : whyNothing();
    },
    flushCounts: () => flusher?.counts() ?? { flushes: 0, failures: 0 },
    stop: () => {
      stopped = true;
      cancelPoll();
      flusher?.stop();
      follower.close();
    },
  };
};
