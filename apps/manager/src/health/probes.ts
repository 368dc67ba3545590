/**
 * When a part counts as standing still. An open port says nothing: a loop that hangs leaves it open.
 */
import type { Probe } from './probe.ts';

const TURNS_MISSED = 3;
const LEAST_PULL_MS = 5_000;
const DATABASE_GRACE_MS = 15_000;
const STORE_GRACE_MS = 60_000;

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** Undefined: it has never ticked, which counts from when the manager started. */
export const pullProbe =
  ({
    tickedMonotonicMs,
    startedMonotonicMs,
    monotonicMs,
    intervalMs,
  }: {
    readonly tickedMonotonicMs: () => number | undefined;
    readonly startedMonotonicMs: number;
    readonly monotonicMs: () => number;
    readonly intervalMs: number;
  }): (() => Probe) =>
  () => {
    const silentMs = monotonicMs() - (tickedMonotonicMs() ?? startedMonotonicMs);
    const allowedMs = Math.max(TURNS_MISSED * intervalMs, LEAST_PULL_MS);
    return silentMs <= allowedMs
      ? { ok: true, message: `ticked ${seconds(silentMs)} ago` }
      : { ok: false, message: `has not ticked for ${seconds(silentMs)}` };
  };

/** `downSince` by the monotonic clock; undefined while it answers. */
export const databaseProbe =
  ({
    downSinceMonotonicMs,
    monotonicMs,
    graceMs = DATABASE_GRACE_MS,
  }: {
    readonly downSinceMonotonicMs: () => number | undefined;
    readonly monotonicMs: () => number;
    readonly graceMs?: number;
  }): (() => Probe) =>
  () => {
    const since = downSinceMonotonicMs();
    if (since === undefined) return { ok: true, message: 'answers' };
    const downMs = monotonicMs() - since;
    return { ok: downMs <= graceMs, message: `does not answer for ${seconds(downMs)}` };
  };

/** Nothing that waits is progress enough; what waits must not grow old. */
export const storeProbe =
  ({
    lagMs,
    graceMs = STORE_GRACE_MS,
  }: {
    /** Of the oldest sample that waits; undefined: none waits. */
    readonly lagMs: () => number | undefined;
    readonly graceMs?: number;
  }): (() => Probe) =>
  () => {
    const lag = lagMs() ?? 0;
    return lag <= graceMs
      ? { ok: true, message: `is ${seconds(lag)} behind` }
      : { ok: false, message: `is ${seconds(lag)} behind; nothing gets into the database` };
  };

/** Whoever only watches machines does not miss them: /ready does not wait for them. */
export const keptLogsProbe =
  (read: () => { readonly problem: string | undefined; readonly dropped: number } | undefined) =>
  (): Probe => {
    const isOptional = true;
    const state = read();
    if (state === undefined) return { ok: true, message: 'switched off', isOptional };
    const { problem, dropped } = state;
    const message = `${problem ?? 'are written'}; ${dropped} lines dropped since the start`;
    return { ok: problem === undefined, message, isOptional };
  };

export const startProbe =
  (isStarted: () => boolean): (() => Probe) =>
  () =>
    isStarted() ? { ok: true, message: 'complete' } : { ok: false, message: 'under way' };
