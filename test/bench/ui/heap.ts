/** What a page holds once all that it does not need is gone, and whether that grows. */
import type { CDPSession } from 'playwright-core';
import type { Heap, HeapMoment } from './figures.ts';

export const readHeap = async (cdp: CDPSession): Promise<Heap> => {
  // What the first one finds to be finalised goes with the second.
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = await cdp.send('Runtime.getHeapUsage');
  return { usedBytes: usedSize, arrayBytes: backingStorageSize };
};

const HOUR_MS = 3_600_000;

/** The slope of the line that is nearest to all of them, in bytes per hour. */
export const growthPerHour = (moments: readonly HeapMoment[]): number => {
  const count = moments.length;
  const mean = (of: (moment: HeapMoment) => number): number =>
    moments.reduce((sum, moment) => sum + of(moment), 0) / count;
  const bytesOf = ({ heap }: HeapMoment): number => heap.usedBytes + heap.arrayBytes;
  const atMean = mean(({ atMs }) => atMs);
  const bytesMean = mean(bytesOf);
  const spread = mean(({ atMs }) => (atMs - atMean) ** 2);
  if (spread === 0) return 0;
  const together = mean((one) => (one.atMs - atMean) * (bytesOf(one) - bytesMean));
  return (together / spread) * HOUR_MS;
};
