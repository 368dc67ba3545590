/**
 * A VM's traffic from the lines that Firecracker writes. They have times of their own, which divide:
 * a line is older than the answer that carries it, and the same line comes again when the host is
 * asked more often than Firecracker writes.
 */
import type { VmmProcess } from '@innkeeper/protocol';
import { longestMs, type ElapsedProblem } from './elapsed.ts';
import { noTraffic, sumTraffic, type Traffic } from './vmm-source.ts';

type Part = VmmProcess['firecracker'];
type Line = Extract<Part, { ok: true }>;

export interface FirecrackerTraffic {
  /** What the next line is compared to; undefined where there is nothing to compare to. */
  readonly line: Line | undefined;
  /** False: written before the host's clock jumped, or not known to be written after it. */
  readonly usable: boolean;
  readonly network: Traffic;
  readonly disk: Traffic;
  /** Written too seldom to be live; another source is better if there is one. */
  readonly slow: boolean;
}

/** Firecracker by itself writes each 60 s, where nobody can make it flush; half as much for delay. */
const LONGEST_LINE_MS = 90_000;
const SHORTEST_LINE_MS = 50;

const without = (
  reason: Parameters<typeof noTraffic>[0],
  line: Line | undefined,
  usable = true,
): FirecrackerTraffic => ({
  line,
  usable,
  network: noTraffic(reason),
  disk: noTraffic(reason),
  slow: false,
});

const between = (before: Line, now: Line, elapsedMs: number, slow: boolean): FirecrackerTraffic => {
  const seconds = elapsedMs / 1000;
  const net = (line: Line) =>
    line.net.map((entry) => ({
      key: entry.device,
      in: entry.receive_bytes_total,
      out: entry.transmit_bytes_total,
    }));
  const block = (line: Line) =>
    line.block.map((entry) => ({
      key: entry.device,
      in: entry.read_bytes_total,
      out: entry.written_bytes_total,
    }));
  return {
    line: now,
    usable: true,
    network: sumTraffic('firecracker', net(before), net(now), seconds),
    disk: sumTraffic('firecracker', block(before), block(now), seconds),
    slow,
  };
};

export const firecrackerTraffic = (
  before: FirecrackerTraffic | undefined,
  now: Part,
  hostTakenAt: number,
  elapsed: number | ElapsedProblem | 'first_sample',
  intervalMs: number,
): FirecrackerTraffic => {
  if (!now.ok) return without(now.reason, undefined);
  if (typeof elapsed === 'string') return without(elapsed, now, elapsed !== 'clock_jump');
  const line = before?.line;
  if (before === undefined || line === undefined) return without('first_sample', now);
  // The host's agent or the VMM has started to count anew.
  if (line.since !== now.since || line.restarts_total !== now.restarts_total) {
    return without('counter_reset', now);
  }
  const elapsedMs = now.taken_at - line.taken_at;
  const isOld = hostTakenAt - now.taken_at > longestMs(intervalMs);
  if (elapsedMs >= 0 && elapsedMs < SHORTEST_LINE_MS) {
    if (hostTakenAt - line.taken_at > LONGEST_LINE_MS) return without('gap', line, before.usable);
    return isOld && !before.slow ? { ...before, slow: true } : before;
  }
  if (!before.usable || elapsedMs < 0) return without('clock_jump', now);
  if (elapsedMs > LONGEST_LINE_MS) return without('gap', now);
  return between(line, now, elapsedMs, isOld || elapsedMs > longestMs(intervalMs));
};
