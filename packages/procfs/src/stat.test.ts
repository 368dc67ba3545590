import { describe, expect, it } from 'vitest';
import { parseCpuTotal, parseStat } from './stat.ts';
import { STAT } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseStat', () => {
  it('reads seconds and totals of a current kernel', () => {
    const stat = valueOf(parseStat(STAT));
    expect(stat.cpu).toEqual({
      user: 14.24,
      nice: 0.1,
      system: 11.43,
      idle: 880.97,
      iowait: 0.58,
      irq: 0,
      softirq: 0.25,
      steal: 0.05,
      guest: 0.03,
      guestNice: 0.02,
    });
    expect(stat.cores.map(({ cpu, times }) => [cpu, times.idle])).toEqual([
      [0, 441.66],
      [1, 439.31],
    ]);
    expect(stat).toMatchObject({
      interrupts: 119083,
      contextSwitches: 204953,
      bootTimeSeconds: 1759912345,
      forks: 3152,
      procsRunning: 1,
      procsBlocked: 0,
      softirqs: 51434,
    });
  });

  it('leaves out what Linux 2.4 does not have', () => {
    const text = 'cpu  100 0 50 1000\ncpu0 100 0 50 1000\npage 1 2\ndisk_io: (3,0):(4,5)\nctxt 9\n';
    expect(valueOf(parseStat(text))).toEqual({
      cpu: { user: 1, nice: 0, system: 0.5, idle: 10 },
      cores: [{ cpu: 0, times: { user: 1, nice: 0, system: 0.5, idle: 10 } }],
      contextSwitches: 9,
    });
  });

  it('keeps the numbers of the CPUs when one is offline', () => {
    const text = 'cpu  1 1 1 1\ncpu0 1 1 1 1\ncpu3 1 1 1 1\n';
    expect(valueOf(parseStat(text)).cores.map((core) => core.cpu)).toEqual([0, 3]);
  });

  it('ignores lines and columns of future kernels', () => {
    const text = 'cpu  1 1 1 1 1 1 1 1 1 1 77\ncpufreq 1 x\nnovelty -5\n';
    expect(Object.keys(valueOf(parseStat(text)).cpu)).toHaveLength(10);
  });

  it('reads only the total of an interrupt line with thousands of numbers', () => {
    const text = `cpu  1 1 1 1\nintr 42${' 1'.repeat(5000)}\n`;
    expect(valueOf(parseStat(text)).interrupts).toBe(42);
  });

  it.each([
    ['there is no total', 'cpu0 1 1 1 1\n'],
    ['a CPU has too few columns', 'cpu  1 1 1 1\ncpu0 1 1 1\n'],
    ['a time is no number', 'cpu  1 1 1 x\n'],
    ['a time is negative', 'cpu  1 1 1 -1\n'],
    ['a known total has no number', 'cpu  1 1 1 1\nctxt\n'],
    ['a known total overflows', `cpu  1 1 1 1\nctxt ${'9'.repeat(400)}\n`],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parseStat(text))).toMatchObject({ source: 'stat', problem: 'malformed' });
  });
});

describe('parseCpuTotal', () => {
  it('finds the same as parseStat', () => {
    expect(valueOf(parseCpuTotal(STAT))).toEqual(valueOf(parseStat(STAT)).cpu);
  });

  it('does not look at the other lines', () => {
    expect(valueOf(parseCpuTotal('cpu  1 2 3 4\nctxt x\n')).idle).toBe(0.04);
  });

  it('is malformed when the first line is not the total', () => {
    expect(errorOf(parseCpuTotal('cpu0 1 2 3 4\ncpu  1 2 3 4\n')).problem).toBe('malformed');
  });
});
