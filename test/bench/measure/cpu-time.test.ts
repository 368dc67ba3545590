import { describe, expect, test } from 'vitest';
import { cpuBetween, parseSchedstat, parseTicks, readCpuTime } from './cpu-time.ts';

const stat =
  '26068 (net ) data) S 26065 26068 26068 0 -1 4194560 1630 0 3 0 11 22 3 4 39 19 13 0 336741';

describe('CPU time', () => {
  test('comes from the first number of schedstat', () => {
    expect(parseSchedstat('65938000 43295 2\n')).toBe(65.938);
    expect(() => parseSchedstat('')).toThrow('no schedstat');
  });

  test('in ticks is user and system time, with children that have ended', () => {
    expect(parseTicks(stat)).toBe(400);
  });

  test('is exact as long as no thread has ended', () => {
    const before = { exactMs: 100, tickMs: 100 };
    expect(cpuBetween(before, { exactMs: 151.5, tickMs: 160 })).toBe(51.5);
    expect(cpuBetween(before, { exactMs: 151.5, tickMs: 300 })).toBe(200);
  });

  test('of this process grows when it works', () => {
    const before = readCpuTime(process.pid);
    const until = performance.now() + 30;
    while (performance.now() < until);
    expect(cpuBetween(before, readCpuTime(process.pid))).toBeGreaterThan(5);
  });
});
