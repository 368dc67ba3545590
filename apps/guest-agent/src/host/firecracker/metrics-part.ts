/** The totals as the wire names them: `rx` of Firecracker is what the guest receives. */
import type { VmmProcess } from '@innkeeper/protocol';
import type { MetricsTotals } from './metrics-totals.ts';

type FirecrackerValues = Extract<VmmProcess['firecracker'], { ok: true }>;

export const metricsPart = (
  totals: MetricsTotals,
  sinceMs: number,
  takenAtMs: number,
  flushProblem: string | undefined,
): FirecrackerValues => {
  const { lines, malformed, lost, restarts } = totals.counts();
  return {
    ok: true,
    since: sinceMs,
    taken_at: takenAtMs,
    net: Array.from(totals.net, ([device, total]) => ({
      device,
      receive_bytes_total: total.receivedBytes,
      receive_packets_total: total.receivedPackets,
      transmit_bytes_total: total.sentBytes,
      transmit_packets_total: total.sentPackets,
    })),
    block: Array.from(totals.block, ([device, total]) => ({
      device,
      read_bytes_total: total.readBytes,
      reads_completed_total: total.reads,
      written_bytes_total: total.writtenBytes,
      writes_completed_total: total.writes,
    })),
    lines_total: lines,
    malformed_lines_total: malformed,
    lost_lines_total: lost,
    restarts_total: restarts,
    flush_problem: flushProblem ?? null,
  };
};
