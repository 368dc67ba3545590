/** The memory gauges of a sample. They need no sample before. */
import type { MissingReason, Reading, Sample } from '@innkeeper/protocol';
import { gauge, MAX_COUNT, percentOf } from './counter-rate.ts';

export type GuestMemory = Pick<
  Reading,
  | 'memory_usage_percent'
  | 'memory_used_bytes'
  | 'memory_total_bytes'
  | 'memory_available_bytes'
  | 'memory_cached_bytes'
> & { readonly reason: MissingReason | null };

const missing = (reason: MissingReason): GuestMemory => ({
  reason,
  memory_usage_percent: null,
  memory_used_bytes: null,
  memory_total_bytes: null,
  memory_available_bytes: null,
  memory_cached_bytes: null,
});

export const guestMemory = (memory: Sample['memory']): GuestMemory => {
  if (memory === null) return missing('not_reported');
  const { total_bytes, used_bytes, available_bytes, cached_bytes } = memory;
  if (total_bytes <= 0) return missing('not_reported');
  if (total_bytes > MAX_COUNT || used_bytes > MAX_COUNT || available_bytes > MAX_COUNT) {
    return missing('malformed');
  }
  return {
    reason: null,
    memory_usage_percent: percentOf(used_bytes, total_bytes),
    memory_used_bytes: used_bytes,
    memory_total_bytes: total_bytes,
    memory_available_bytes: available_bytes,
    // What free(1) calls buff/cache: memory that the kernel gives back when it is needed.
    memory_cached_bytes:
      cached_bytes === null
        ? null
        : gauge(cached_bytes + (memory.buffers_bytes ?? 0) + (memory.slab_reclaimable_bytes ?? 0)),
  };
};
