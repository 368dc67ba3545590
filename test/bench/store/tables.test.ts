import { expect, test } from 'vitest';
import type { StoreFigures } from './figures.ts';
import { makePlan } from './plan.ts';
import { formatStoreSection } from './tables.ts';

/** Every figure follows from one number, so that a wrong column shows. */
const makeRun = (size: number): StoreFigures => ({
  version: '18.4',
  ingest: {
    rows: 1_000,
    seconds: 1 / size,
    nodeCpuUsPerRow: size,
    serverCpuUsPerRow: size * 2,
    heapBytesPerRow: 150,
    indexBytesPerRow: 50,
    walBytesPerRow: 250,
  },
  rollUps: [{ tier: '10s', steps: 10, rows: 100, sourceRows: 1_000, seconds: size / 100 }],
  histories: [
    {
      range: '1 h',
      fields: '6 fields',
      tier: '10s',
      points: 360,
      p50Ms: size,
      p95Ms: size * 2,
      firstMs: 9,
    },
    {
      range: '30 d',
      fields: 'all 28',
      tier: '1h',
      points: 361,
      p50Ms: size * 3,
      p95Ms: 50,
      firstMs: 7,
    },
  ],
});

test('the section of the store has medians and spreads of all runs', () => {
  const section = formatStoreSection(makePlan(false), '18.4', [2, 4, 3].map(makeRun));
  for (const line of [
    '| rows a second, as fast as it goes | 3000 (2000–4000) |',
    '| CPU µs a row, all in | 9.00 (6.00–12.0) |',
    '| bytes a sample | 200 |',
    '| 10s | 1,000 | 100 | 0.030 (0.020–0.040) | 3.00 (2.00–4.00) | 30.0 (20.0–40.0) |',
    '| 1 h | 6 fields | 10s | 360 | 3.00 (2.00–4.00) | 6.00 (4.00–8.00) | 9.00 |',
    '| 30 d | all 28 | 1h | 361 | 9.00 (6.00–12.0) | 50.0 | 7.00 |',
  ]) {
    expect(section.split('\n')).toContain(line);
  }
});
