import type { PidStat } from '@innkeeper/procfs';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../platform/platform.ts';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { makeProcess } from '../testing/make-process.ts';
import { makeProcessTable, type ProcessSnapshot } from './process-table.ts';

const setUp = () => {
  const clock = makeFakeClock();
  let processes: Outcome<readonly PidStat[]> = { ok: true, value: [] };
  let scans = 0;
  const table = makeProcessTable(() => {
    scans += 1;
    return processes;
  }, clock);
  const snapshot = (maxAgeMs: number): ProcessSnapshot => {
    const outcome = table.snapshot(maxAgeMs);
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.value;
  };
  return {
    clock,
    table,
    snapshot,
    scans: () => scans,
    run: (...list: readonly PidStat[]) => {
      processes = { ok: true, value: list };
    },
    break: () => {
      processes = { ok: false, error: { code: 'EACCES', message: 'no' } };
    },
  };
};

describe('makeProcessTable', () => {
  it('counts processes by state, and threads', () => {
    const { run, snapshot } = setUp();
    run(
      makeProcess({ pid: 1, state: 'S', threads: 1 }),
      makeProcess({ pid: 2, state: 'R', threads: 3 }),
      makeProcess({ pid: 3, state: 'S', threads: 2 }),
    );
    const taken = snapshot(0);
    expect(Object.fromEntries(taken.byState)).toEqual({ S: 2, R: 1 });
    expect(taken).toMatchObject({ threads: 6, takenAtMs: START_MS });
  });

  it('scans again only when what it has is older than asked for', () => {
    const { clock, snapshot, scans } = setUp();
    const first = snapshot(10_000);
    clock.advance(10_000);
    expect(snapshot(10_000)).toBe(first);
    clock.advance(1);
    expect(snapshot(10_000)).not.toBe(first);
    expect(scans()).toBe(2);
  });

  it('gives a share of a CPU over the time between two scans', () => {
    const { clock, run, snapshot } = setUp();
    run(makeProcess({ pid: 7, cpuSeconds: 100 }));
    const first = snapshot(0);
    expect(first.windowSeconds).toBeUndefined();
    expect(first.usagePercent(makeProcess({ pid: 7, cpuSeconds: 100 }))).toBeUndefined();
    clock.advance(2000);
    const busy = makeProcess({ pid: 7, cpuSeconds: 103 });
    run(busy);
    const second = snapshot(0);
    expect(second.windowSeconds).toBe(2);
    expect(second.usagePercent(busy)).toBe(150);
  });

  it('gives no share to a process that the earlier scan did not see', () => {
    const { clock, run, snapshot } = setUp();
    run(makeProcess({ pid: 1 }));
    snapshot(0);
    clock.advance(1000);
    const young = makeProcess({ pid: 2, cpuSeconds: 1 });
    run(young);
    expect(snapshot(0).usagePercent(young)).toBeUndefined();
  });

  it('gives no share to a process that has got the pid of another', () => {
    const { clock, run, snapshot } = setUp();
    run(makeProcess({ pid: 7, startTicks: 100, cpuSeconds: 5 }));
    snapshot(0);
    clock.advance(1000);
    const heir = makeProcess({ pid: 7, startTicks: 900, cpuSeconds: 5.5 });
    run(heir);
    expect(snapshot(0).usagePercent(heir)).toBeUndefined();
  });

  it('never gives a negative share', () => {
    const { clock, run, snapshot } = setUp();
    run(makeProcess({ pid: 7, cpuSeconds: 5 }));
    snapshot(0);
    clock.advance(1000);
    const odd = makeProcess({ pid: 7, cpuSeconds: 4.99 });
    run(odd);
    expect(snapshot(0).usagePercent(odd)).toBe(0);
  });

  it('keeps the window long enough when somebody asks in quick succession', () => {
    const { clock, run, snapshot } = setUp();
    run(makeProcess({ pid: 7, cpuSeconds: 0 }));
    snapshot(0);
    clock.advance(1000);
    run(makeProcess({ pid: 7, cpuSeconds: 0.5 }));
    snapshot(0);
    clock.advance(100);
    const busy = makeProcess({ pid: 7, cpuSeconds: 0.55 });
    run(busy);
    const quick = snapshot(0);
    expect(quick.windowSeconds).toBeCloseTo(1.1, 9);
    expect(quick.usagePercent(busy)).toBeCloseTo(50, 9);
  });

  it('serves a reader by the second and one by ten seconds without disturbing either', () => {
    const { clock, run, snapshot, scans } = setUp();
    let cpuSeconds = 0;
    const windows: (number | undefined)[] = [];
    for (let second = 0; second < 20; second += 1) {
      run(makeProcess({ pid: 7, cpuSeconds }));
      const often = snapshot(1000);
      const rarely = snapshot(10_000);
      expect(rarely).toBe(often);
      windows.push(often.windowSeconds);
      if (often.windowSeconds !== undefined) {
        expect(often.usagePercent(often.processes[0] ?? makeProcess())).toBeCloseTo(50, 9);
      }
      clock.advance(1001);
      cpuSeconds += 0.5005;
    }
    expect(scans()).toBe(20);
    expect(windows.slice(1).every((seconds) => Math.abs((seconds ?? 0) - 1.001) < 1e-9)).toBe(true);
  });

  it('does not take a clock that is set for time that has passed', () => {
    const { clock, run, snapshot } = setUp();
    run(makeProcess({ pid: 7, cpuSeconds: 1 }));
    snapshot(0);
    clock.advance(1000);
    clock.setWallClock(START_MS - 86_400_000);
    const busy = makeProcess({ pid: 7, cpuSeconds: 1.5 });
    run(busy);
    expect(snapshot(0).usagePercent(busy)).toBe(50);
  });

  it('says why where it cannot scan, and goes on later', () => {
    const { clock, run, snapshot, table, break: spoil } = setUp();
    run(makeProcess({ pid: 7, cpuSeconds: 0 }));
    snapshot(0);
    clock.advance(1000);
    spoil();
    expect(table.snapshot(500)).toMatchObject({ ok: false, error: { code: 'EACCES' } });
    clock.advance(1000);
    const busy = makeProcess({ pid: 7, cpuSeconds: 1 });
    run(busy);
    expect(snapshot(500).usagePercent(busy)).toBe(50);
  });
});
