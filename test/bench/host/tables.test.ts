import { describe, expect, test } from 'vitest';
import type { MemoryUse } from '../measure/smaps.ts';
import type { RunFigures } from './measure-run.ts';
import { makePlan } from './plan.ts';
import { formatHostSection } from './tables.ts';

const memory = (mib: number): MemoryUse => ({
  residentBytes: 0,
  privateBytes: 0,
  proportionalBytes: mib * 1024 * 1024,
  anonymousBytes: 0,
});

const run: RunFigures = {
  pacedCpuMsPerCall: 12.34,
  pacedP50Ms: 11,
  pacedP99Ms: 15,
  hotCpuMsPerCall: 9.5,
  hotP50Ms: 9,
  hotP99Ms: 12,
  idleCpuMsPerSecond: 0.5,
  bodyBytes: 345_678,
  memoryBefore: memory(40),
  memoryAfter: memory(41.5),
};

describe('the section of the host', () => {
  test('has a row per scenario, with the spread of its runs', () => {
    const other = { ...run, pacedCpuMsPerCall: 14 };
    const section = formatHostSection(makePlan(true), [{ name: '200 VMs', runs: [run, other] }]);
    expect(section).toContain(
      '| 200 VMs | 13.2 (12.3–14.0) | 11.0 | 15.0 | 9.50 | 9.00 | 12.0 | 0.50 | 346 | 40.0 | 41.5 |',
    );
  });
});
