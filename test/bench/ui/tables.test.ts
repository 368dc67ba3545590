import { describe, expect, test } from 'vitest';
import type { RunFigures } from './figures.ts';
import { makePlan } from './plan.ts';
import { formatUiSection } from './tables.ts';

const busy = (taskMs: number) => ({
  taskMs,
  scriptMs: 1,
  layoutMs: 2,
  mainMs: taskMs * 2,
  processMs: taskMs * 3,
});
const frames = { shown: 300, dropped: 2, longestMs: 50 };
const paint = { firstPaintMs: 400, contentMs: 700 };

/** Every figure follows from one number, so that a wrong column shows. */
const makeRun = (size: number): RunFigures => ({
  reference: busy(10),
  charts: { ours: busy(size), uplot: busy(size * 2), chartJs: busy(size * 4) },
  fleet: {
    busy: busy(size * 10),
    resorted: busy(size * 10),
    longTasksMs: [],
    heap: { usedBytes: 5e6, arrayBytes: 1e6 },
    heapAfter: { usedBytes: 6e6, arrayBytes: 1e6 },
    heapMoments: [0, 3_600_000].map((atMs) => ({
      atMs,
      heap: { usedBytes: 5e6 + atMs / 3.6, arrayBytes: 1e6 },
    })),
    scrolling: busy(200),
    scrolled: frames,
  },
  vm: {
    busy: busy(4),
    heap: { usedBytes: 4e6, arrayBytes: 2e6 },
    crosshair: busy(80),
    crosshairMovesPerSecond: 60,
    crosshairFrames: frames,
  },
  paint: { fleet: [paint, paint], vm: [{ firstPaintMs: 1_200, contentMs: 1_500 }] },
});

const sizes = {
  initialJs: 50_000,
  initialCss: 5_000,
  vmPageJs: 20_000,
  chartsJs: 55_000,
  allCss: 9,
};

describe('the section of the pages', () => {
  const section = formatUiSection({
    plan: makePlan(false),
    browser: '1.2',
    sizes,
    runs: [1, 2, 3].map(makeRun),
  });
  const lines = section.split('\n');

  test.each([
    '| fleet, main thread, % | 2.00 (1.00–3.00) | 1.5 | 0.5 | **missed** |',
    '| fleet in an order that changes, main thread, % | 2.00 (1.00–3.00) | 2 | 0.8 | met |',
    '| fleet, long tasks (> 50 ms) | 0 | 0 | 0 | stretch |',
    '| fleet, heap, MB | 7.00 | 15 | 6 | met |',
    '| fleet, growth of the heap, MB an hour | 1.00 | 2 | 0 | met |',
    '| VM, main thread, % | 0.40 | 1.2 | 0.4 | stretch |',
    '| VM, first paint, ms | 1200 | 1000 | 500 | **missed** |',
    '| fleet | 20.0 (10.0–30.0) | 1.00 | 2.00 | 40.0 (20.0–60.0) | 60.0 (30.0–90.0) | 2.00 (1.00–3.00) |',
    '| fleet, at the end | 6.00 | 1.00 |',
    '| VM, crosshair | 300 | 2.00 | 50.0 |',
    '| fleet, its first row | 400 | 700 |',
    '| its charts, with chart.js | 55.0 |',
  ])('has the line %s', (line) => {
    expect(lines).toContain(line);
  });

  test('names what misses its target', () => {
    expect(lines).toContain(
      '**Missed:** fleet, main thread, % (2.00, target 1.5); VM, first paint, ms (1200, target 1000).',
    );
  });

  test('has our charts beside the others run by run', () => {
    expect(lines).toContain(
      '**Ours /** uPlot: main thread 0.50, process 0.50; chart.js with its own lines: main thread 0.25, process 0.25.',
    );
  });
});
