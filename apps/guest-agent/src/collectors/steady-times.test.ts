import type { CpuTimes, Stat } from '@innkeeper/procfs';
import { describe, expect, it } from 'vitest';
import { makeSteadyTimes } from './steady-times.ts';

const timesOf = (change: Partial<CpuTimes> = {}): CpuTimes => ({
  user: 10,
  nice: 0,
  system: 5,
  idle: 100,
  iowait: 2,
  ...change,
});

const statOf = (total: CpuTimes, ...cores: readonly CpuTimes[]): Stat => ({
  cpu: total,
  cores: cores.map((times, cpu) => ({ cpu, times })),
});

describe('makeSteadyTimes', () => {
  it('shows what the kernel says where nothing falls', () => {
    const steady = makeSteadyTimes();
    for (const user of [10, 11, 12]) {
      const stat = statOf(timesOf({ user }), timesOf({ user }));
      expect(steady(stat)).toEqual(stat);
    }
  });

  it('holds on to what it has shown until the kernel has caught up', () => {
    const steady = makeSteadyTimes();
    const shown = [2, 1.5, 1.75, 2.25].map((iowait) =>
      steady(statOf(timesOf({ iowait }), timesOf({ iowait }))),
    );
    expect(shown.map(({ cpu }) => cpu.iowait)).toEqual([2, 2, 2, 2.25]);
    expect(shown.map(({ cores }) => cores[0]?.times.iowait)).toEqual([2, 2, 2, 2.25]);
  });

  it('starts a CPU anew whose idle time falls far, for it was plugged in again', () => {
    const steady = makeSteadyTimes();
    steady(statOf(timesOf(), timesOf(), timesOf({ user: 20 })));
    const anew = timesOf({ user: 1, idle: 96.9, iowait: 0 });
    const { cores } = steady(statOf(timesOf(), anew, timesOf({ user: 19, idle: 97 })));
    expect(cores.map(({ times }) => times)).toEqual([anew, timesOf({ user: 20 })]);
  });

  it('forgets a CPU that is offline', () => {
    const steady = makeSteadyTimes();
    steady(statOf(timesOf(), timesOf(), timesOf()));
    steady(statOf(timesOf(), timesOf()));
    const back = timesOf({ user: 1, idle: 99 });
    expect(steady(statOf(timesOf(), timesOf(), back)).cores[1]?.times).toEqual(back);
  });

  it('allows the total the ticks that all CPUs lose at once', () => {
    const steady = makeSteadyTimes();
    const cores = [timesOf(), timesOf(), timesOf()];
    steady(statOf(timesOf(), ...cores));
    expect(steady(statOf(timesOf({ idle: 92 }), ...cores)).cpu.idle).toBe(100);
    expect(steady(statOf(timesOf({ idle: 90 }), ...cores)).cpu.idle).toBe(90);
  });

  it('does not invent a mode that the kernel does not tell', () => {
    const steady = makeSteadyTimes();
    const { iowait: _, ...old } = timesOf();
    steady(statOf(old, old));
    expect(steady(statOf(old, old)).cpu).toEqual(old);
  });
});
