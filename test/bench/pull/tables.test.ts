import { describe, expect, test } from 'vitest';
import type { LoadFigures, PullFigures } from './figures.ts';
import { makeFleet, makePlan, withIll } from './plan.ts';
import { formatPullSection, type PullResults } from './tables.ts';

/** Every figure follows from one number, so that a wrong column shows. */
const makeRun = (size: number, serverShare = 0.5): PullFigures => ({
  cpuUsPerPull: size,
  serverCpuUsPerPull: size * serverShare,
  pullsPerSecond: 999,
  missedShare: 0,
  memoryBytes: size * 1e6,
  serverMemoryBytes: size * 3e5,
  farmCpuShare: 0.1,
});

const makeLoad = (guests: number, changes: Partial<LoadFigures> = {}): LoadFigures => ({
  fleet: makeFleet(guests, 1_000),
  p50Ms: 1,
  p99Ms: 5,
  wellShare: 1,
  missedShare: 0,
  failures: {},
  leftOut: {},
  pullsPerSecond: guests,
  nodeCpuShare: 0.4,
  serverCpuShare: 0.1,
  farmCpuShare: 0.2,
  memoryBytes: 2e8,
  ...changes,
});

const results: PullResults = {
  plan: makePlan(false),
  absent: undefined,
  cores: 2,
  fleets: [
    {
      fleet: makeFleet(1_000, 1_000),
      contenders: [
        { key: 'ours', name: 'Innkeeper', runs: [20, 22, 30].map((size) => makeRun(size)) },
        { key: 'ours-tls', name: 'over TLS', runs: [22, 33, 33].map((size) => makeRun(size)) },
        {
          key: 'prometheus',
          name: 'Prometheus',
          runs: [100, 110, 120].map((size) => makeRun(size, 0)),
        },
      ],
    },
  ],
  loads: [
    {
      name: '1,000, 7 % ill',
      runs: [
        makeLoad(1_000, { p99Ms: 10 }),
        makeLoad(1_000, { failures: { timeout: 3 }, leftOut: { backing_off: 1_200 } }),
      ],
    },
  ],
  searches: [
    [
      makeLoad(5_000),
      makeLoad(8_000, { p99Ms: 250, nodeCpuShare: 0.99 }),
      makeLoad(9_000, { missedShare: 0.01, serverCpuShare: 0.8, farmCpuShare: 0.8 }),
    ],
  ],
  fanOut: [100, 1_000, 100, 1_000].map((sockets, index) => ({
    sockets,
    guests: 1_000,
    cpuUsPerFrame: 10 + index,
    framesPerSecond: sockets,
    frameBytes: 40_000,
    dropped: 0,
    received: sockets * 15,
  })),
};

describe('the section of the pulls', () => {
  const lines = formatPullSection(results).split('\n');
  const rowOf = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`| ${name} |`));

  test('has a row for each contender, and ratios run by run', () => {
    expect(rowOf('Innkeeper')).toBe(
      '| Innkeeper | 22.0 (20.0–30.0) | 11.0 | 999 | 0 % | 22.0 (20.0–30.0) | 6.60 | 10.0 % |',
    );
    expect(rowOf('Prometheus')).toBe(
      '| Prometheus | 110 (100–120) |  | 999 | 0 % | 110 (100–120) |  | 10.0 % |',
    );
    expect(lines.join('\n')).toContain(
      '**Ours / Prometheus**, compact: CPU 0.20 (0.20–0.25), memory 0.20 (0.20–0.25).',
    );
    expect(lines.join('\n')).toContain('**TLS / plain**: CPU 1.10 (1.10–1.50), memory 1.10');
  });

  test('tells the worst of all runs of guests that are ill', () => {
    expect(rowOf('1,000, 7 % ill')).toBe(
      '| 1,000, 7 % ill | 1.00 | 10.0 | 100 % | timeout 3 | backing off 1,200 |',
    );
  });

  test('says what gave out', () => {
    const verdicts = ['5,000', '8,000', '9,000'].map((guests) =>
      rowOf(`${guests} guests each second`)?.split(' | ').at(-1),
    );
    expect(verdicts).toEqual([
      'held |',
      'too many: the thread of the manager is always busy |',
      'too many: the machine is busy, the farm included |',
    ]);
  });

  test('puts the runs of as many browsers together', () => {
    expect(rowOf('1,000')).toBe('| 1,000 | 12.0 (11.0–13.0) | 1000 | 40.0 | 0 |');
  });

  test('says why Prometheus is not there', () => {
    expect(formatPullSection({ ...results, absent: 'no network' })).toContain(
      'Not measured: Prometheus. no network',
    );
  });
});

test('a fleet that is ill has five in a hundred dead, and two that talk nonsense', () => {
  expect(withIll(makeFleet(1_000, 1_000))).toEqual({
    guests: 1_000,
    intervalMs: 1_000,
    refused: 25,
    silent: 25,
    drip: 10,
    garbage: 10,
  });
});
