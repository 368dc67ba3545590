import { describe, expect, test } from 'vitest';
import { boundMs, countsBetween, parseManagerMetrics } from './manager-metrics.ts';

const text = (ok: number, quick: number, slow: number): string => `# HELP x y
innkeeper_pulls_total{agent="guest",outcome="ok"} ${ok}
innkeeper_pulls_total{agent="guest",outcome="timeout"} 1
innkeeper_pulls_total{agent="host",outcome="ok"} 77
innkeeper_pull_turns_left_out_total{agent="guest",reason="busy"} 3
innkeeper_store_rows_total{result="written"} ${ok}
innkeeper_push_fleet_frames_total{result="sent"} 5
innkeeper_push_fleet_bytes_total 500
innkeeper_pull_lateness_seconds_bucket{agent="guest",le="0.001"} ${quick}
innkeeper_pull_lateness_seconds_bucket{agent="guest",le="0.01"} ${quick + slow}
innkeeper_pull_lateness_seconds_bucket{agent="guest",le="+Inf"} ${quick + slow}
innkeeper_pull_lateness_seconds_bucket{agent="host",le="0.001"} 9
innkeeper_vm_cpu_usage_percent{vm="a} b"} 3
`;

describe("the manager's own metrics", () => {
  test('are those of the pulls of guests, between two moments', () => {
    const counts = countsBetween(
      parseManagerMetrics(text(10, 4, 0)),
      parseManagerMetrics(text(110, 94, 10)),
    );
    expect(counts.pulls).toEqual({ ok: 100, timeout: 0 });
    expect(counts.leftOut).toEqual({ busy: 0 });
    expect(counts.rowsWritten).toBe(100);
    expect(counts.lateness.below).toEqual([90, 100, 100]);
    expect(boundMs(counts.lateness, 50)).toBe(1);
    expect(boundMs(counts.lateness, 90)).toBe(1);
    expect(boundMs(counts.lateness, 99)).toBe(10);
  });

  test('of something else are refused', () => {
    expect(() => parseManagerMetrics('up 1\n')).toThrow('tells nothing of its pull loop');
  });
});
