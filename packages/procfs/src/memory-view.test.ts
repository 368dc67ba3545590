import { describe, expect, it } from 'vitest';
import { parseMeminfo } from './meminfo.ts';
import { memoryView } from './memory-view.ts';
import { valueOf } from './testing/unwrap.ts';

const view = (text: string) => memoryView(valueOf(parseMeminfo(text)));

describe('memoryView', () => {
  it('takes MemAvailable where there is one', () => {
    const text = 'MemTotal: 100 kB\nMemFree: 10 kB\nMemAvailable: 60 kB\nCached: 80 kB\n';
    expect(view(text)).toEqual({ totalBytes: 102400, availableBytes: 61440, usedBytes: 40960 });
  });

  it('estimates on kernels before 3.14', () => {
    const text = 'MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 15 kB\n';
    expect(view(text)).toMatchObject({ availableBytes: 30720, usedBytes: 71680 });
  });

  it('never has more available than there is', () => {
    const text = 'MemTotal: 100 kB\nMemFree: 60 kB\nCached: 70 kB\n';
    expect(view(text)).toMatchObject({ availableBytes: 102400, usedBytes: 0 });
  });

  it('tells a machine without swap from a kernel without swap lines', () => {
    const base = 'MemTotal: 100 kB\nMemFree: 60 kB\n';
    expect(view(base)).not.toHaveProperty('swapTotalBytes');
    expect(view(`${base}SwapTotal: 0 kB\nSwapFree: 0 kB\n`)).toMatchObject({
      swapTotalBytes: 0,
      swapFreeBytes: 0,
    });
  });
});
