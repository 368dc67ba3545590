/**
 * The few numbers about memory that people ask for, out of /proc/meminfo.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#meminfo, at MemAvailable.
 */

import type { Meminfo } from './meminfo.ts';

export interface MemoryView {
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly swapTotalBytes?: number;
  readonly swapFreeBytes?: number;
}

export function memoryView(meminfo: Meminfo): MemoryView {
  const totalBytes = meminfo.memTotalBytes;
  const availableBytes = Math.min(estimateAvailable(meminfo), totalBytes);
  const swapTotalBytes = meminfo.fields.get('SwapTotal');
  const swapFreeBytes = meminfo.fields.get('SwapFree');
  return {
    totalBytes,
    availableBytes,
    usedBytes: totalBytes - availableBytes,
    ...(swapTotalBytes === undefined ? {} : { swapTotalBytes }),
    ...(swapFreeBytes === undefined ? {} : { swapFreeBytes }),
  };
}

/**
 * Kernels before 3.14 do not say what is available. What `free` did then is too optimistic, since
 * not all of the page cache can be given back (shared memory is in it), but it is all there is.
 */
function estimateAvailable({ fields, memFreeBytes }: Meminfo): number {
  const available = fields.get('MemAvailable');
  if (available !== undefined) return available;
  return memFreeBytes + (fields.get('Buffers') ?? 0) + (fields.get('Cached') ?? 0);
}
