import * as fc from 'fast-check';
import type { CpuTimes } from '@innkeeper/procfs';
import { describe, expect, it } from 'vitest';
import { makeSource } from '../sources/source.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { makeCpuUsage, usageBetween } from './cpu-usage.ts';

const times = (change: Partial<CpuTimes> = {}): CpuTimes => ({
  user: 100,
  nice: 0,
  system: 50,
  idle: 1000,
  iowait: 10,
  irq: 0,
  softirq: 0,
  steal: 0,
  guest: 0,
  guestNice: 0,
  ...change,
});

describe('usageBetween', () => {
  it.each([
    ['nothing but idling', { idle: 1001 }, 0],
    ['waiting for a disk', { iowait: 11 }, 0],
    ['one of four busy', { idle: 1003, user: 101 }, 25],
    ['the kernel at work', { idle: 1001, system: 51 }, 50],
    ['nice work', { idle: 1001, nice: 1 }, 50],
    ['interrupts', { idle: 1001, irq: 0.5, softirq: 0.5 }, 50],
    ['a hypervisor that steals', { idle: 1001, steal: 3 }, 75],
    ['everything busy', { user: 102 }, 100],
    ['virtual machines of its own, once', { idle: 1001, user: 101, guest: 1 }, 50],
    ['nice virtual machines, once', { idle: 1001, nice: 1, guestNice: 1 }, 50],
    ['iowait that goes back a little', { idle: 1001, user: 101, iowait: 9.5 }, 50],
  ])('counts %s', (_, change, percent) => {
    expect(usageBetween(times(), times(change))).toBeCloseTo(percent, 9);
  });

  it.each([
    ['no time has passed', times(), times()],
    ['the counters have started anew', times(), times({ user: 1, system: 1, idle: 1, iowait: 0 })],
    ['one of them has come further since', times(), times({ user: 1, idle: 1, steal: 5 })],
    ['the total goes back by a hair', times(), times({ idle: 999.99 })],
  ])('knows nothing where %s', (_, before, after) => {
    expect(usageBetween(before, after)).toBeUndefined();
  });

  it('takes a kernel that does not have the later modes', () => {
    const before = { user: 1, nice: 0, system: 0, idle: 1 };
    expect(usageBetween(before, { ...before, user: 2, idle: 4 })).toBe(25);
  });

  it('is exact to a tick after 400 days on 128 CPUs', () => {
    const days = 400 * 86_400 * 128;
    const before = times({ idle: days, user: days / 3 });
    const after = times({ idle: days + 96, user: days / 3 + 32 });
    expect(usageBetween(before, after)).toBeCloseTo(25, 4);
  });

  it('is undefined or from 0 to 100, whatever two readings say', () => {
    const count = fc.oneof(
      fc.nat(),
      fc.double({ min: 0, max: 2 ** 60, noNaN: true }),
      fc.constantFrom(0, 0.01, 655.35, 655.36, 42_949_672.95, 2 ** 53),
    );
    const reading = fc.record(
      {
        user: count,
        nice: count,
        system: count,
        idle: count,
        iowait: count,
        irq: count,
        softirq: count,
        steal: count,
        guest: count,
        guestNice: count,
      },
      { requiredKeys: ['user', 'nice', 'system', 'idle'] },
    );
    fc.assert(
      fc.property(reading, reading, (before, after) => {
        const percent = usageBetween(before, after);
        if (percent === undefined) return;
        expect(percent).toBeGreaterThanOrEqual(0);
        expect(percent).toBeLessThanOrEqual(100);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('makeCpuUsage', () => {
  const statOf = (user: number, idle: number, steal = 0): string =>
    `cpu  ${user} 0 0 ${idle} 0 0 0 ${steal} 0 0\ncpu0 ${user} 0 0 ${idle} 0 0 0 ${steal} 0 0\n`;

  const setUp = (first: string) => {
    const clock = makeFakeClock();
    const files = makeFakeFiles({ '/proc/stat': first });
    const usage = makeCpuUsage(makeSource(files, '/proc/stat'), clock);
    const second = (text: string): number | undefined => {
      files.set('/proc/stat', text);
      clock.advance(1000);
      return usage.percent();
    };
    return { clock, files, usage, second };
  };

  it('knows nothing before it has seen two samples, and is right after the second', () => {
    const { clock, files, usage } = setUp(statOf(1000, 9000));
    expect(usage.percent()).toBeUndefined();
    files.set('/proc/stat', statOf(1030, 9070));
    clock.advance(999);
    expect(usage.percent()).toBeUndefined();
    clock.advance(1);
    expect(usage.percent()).toBeCloseTo(30, 9);
  });

  it('follows from second to second', () => {
    const { second } = setUp(statOf(0, 0));
    expect([second(statOf(100, 0)), second(statOf(100, 100)), second(statOf(150, 150))]).toEqual([
      100, 0, 50,
    ]);
  });

  it('says the same to everybody who asks, however often', () => {
    const { files, usage, second } = setUp(statOf(0, 0));
    const percent = second(statOf(20, 80));
    files.set('/proc/stat', statOf(100_000, 80));
    expect([usage.percent(), usage.percent(), usage.percent()]).toEqual([
      percent,
      percent,
      percent,
    ]);
    expect(files.readCount('/proc/stat')).toBe(2);
  });

  it.each([1, 128])('means all of %i CPUs together', (cpus) => {
    const { second } = setUp(statOf(0, 0));
    expect(second(statOf(25 * cpus, 75 * cpus))).toBe(25);
  });

  it('stays right where counters pass what fewer bits can hold', () => {
    for (const limit of [2 ** 16, 2 ** 31, 2 ** 32]) {
      const { second } = setUp(statOf(limit - 10, limit - 10));
      expect(second(statOf(limit + 15, limit + 65))).toBe(25);
    }
  });

  it('knows nothing for one second after a counter reset, and then goes on', () => {
    const { second } = setUp(statOf(5000, 5000));
    expect(second(statOf(5050, 5050))).toBe(50);
    expect(second(statOf(10, 10))).toBeUndefined();
    expect(second(statOf(20, 40))).toBeCloseTo(25, 9);
  });

  it.each([
    [
      'cannot be read',
      (files: ReturnType<typeof makeFakeFiles>) => files.fail('/proc/stat', 'EIO'),
    ],
    [
      'is not what it was',
      (files: ReturnType<typeof makeFakeFiles>) => files.set('/proc/stat', 'x'),
    ],
  ])('knows nothing while the file %s, and recovers after two samples', (_, spoil) => {
    const { clock, files, usage, second } = setUp(statOf(0, 0));
    second(statOf(50, 50));
    spoil(files);
    clock.advance(1000);
    expect(usage.percent()).toBeUndefined();
    expect(second(statOf(60, 60))).toBeUndefined();
    expect(second(statOf(70, 90))).toBeCloseTo(25, 9);
  });

  it('stops', () => {
    const { clock, usage } = setUp(statOf(0, 0));
    clock.advance(5000);
    usage.stop();
    expect(clock.pendingTimers()).toBe(0);
  });
});
