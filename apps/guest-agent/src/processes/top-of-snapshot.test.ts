import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../sources/kernel-files.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { smallVm } from '../testing/small-vm.ts';
import { makeProcessFacts } from './process-facts.ts';
import { makeProcessTable } from './process-table.ts';
import { scanProcesses } from './scan.ts';
import { makeTopOfSnapshot } from './top-of-snapshot.ts';

const TOTALS = { memoryTotalBytes: 4_096_000_000, bootTimeSeconds: 1_759_999_000 };

const setUp = () => {
  const clock = makeFakeClock();
  const files = makeFakeFiles(smallVm());
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  const table = makeProcessTable(() => scanProcesses(kernel), clock);
  const topOf = makeTopOfSnapshot(makeProcessFacts(kernel, 4096, clock), 2);
  const snapshot = () => {
    const outcome = table.snapshot(10_000);
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.value;
  };
  return { clock, files, topOf, snapshot };
};

describe('makeTopOfSnapshot', () => {
  it('looks at the processes of a snapshot once, and gives the same list while it is of use', () => {
    const { clock, files, topOf, snapshot } = setUp();
    const first = topOf(snapshot(), TOTALS);
    expect(first.map(({ pid, user }) => [pid, user])).toEqual([
      [50, 'www-data'],
      [1, 'root'],
    ]);
    clock.advance(9_000);
    expect(topOf(snapshot(), { ...TOTALS })).toBe(first);
    expect(files.readCount('/proc/50/status')).toBe(1);
    clock.advance(1_001);
    expect(topOf(snapshot(), TOTALS)).not.toBe(first);
    expect(files.readCount('/proc/50/status')).toBe(2);
  });

  it('makes it anew when the machine turns out to have another size or boot time', () => {
    const { topOf, snapshot } = setUp();
    const shareOf = (memoryTotalBytes: number | undefined) =>
      topOf(snapshot(), { ...TOTALS, memoryTotalBytes })[1]?.memory_usage_percent;
    expect(shareOf(4_096_000_000)).toBe(0.3);
    expect(shareOf(2_048_000_000)).toBe(0.6);
    expect(shareOf(undefined)).toBeNull();
    const [entry] = topOf(snapshot(), { ...TOTALS, bootTimeSeconds: undefined });
    expect(entry?.started_at).toBeNull();
  });
});
