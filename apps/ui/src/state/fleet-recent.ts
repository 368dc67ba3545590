/**
 * The trails of the minutes before the page was opened, and of those without a connection, from one
 * answer of the manager. Steps have numbers that count from the unix epoch, so that they fall
 * together with those of the live frames.
 */
import type { FleetRecent } from '@innkeeper/protocol';
import { unpackRecent } from '@innkeeper/protocol/recent-values';
import type { FleetEntries } from './fleet-entries.ts';
import type { Trail } from './trail.ts';

export interface TotalTrails {
  readonly cpu: Trail;
  readonly memory: Trail;
}

/** NaN is unknown in here, as in the trails. */
const PERCENT_OF = Float32Array.from(
  { length: 256 },
  (_, byte) => unpackRecent(byte) ?? Number.NaN,
);

/** A loop: of 10,000 VMs these are millions of bytes, and an iterator takes ten times as long. */
const percentsOf = (base64: string): Float32Array => {
  const bytes = atob(base64);
  const percents = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) {
    percents[index] = PERCENT_OF[bytes.charCodeAt(index)] ?? Number.NaN;
  }
  return percents;
};

/** Sums over VMs for each step; a VM whose value is unknown there is left out of both. */
const makeSums = (points: number) => {
  const parts = new Float64Array(points);
  const wholes = new Float64Array(points);
  const valuesOf = (of: (part: number, whole: number) => number): Float32Array =>
    Float32Array.from(parts, (part, index) => {
      const whole = wholes[index] ?? 0;
      return whole === 0 ? Number.NaN : of(part, whole);
    });
  return {
    add: (percents: Float32Array, whole: number | null | undefined): void => {
      if (whole === null || whole === undefined) return;
      for (let index = 0; index < points; index += 1) {
        const percent = percents[index] ?? Number.NaN;
        if (Number.isNaN(percent)) continue;
        parts[index] = (parts[index] ?? 0) + (percent / 100) * whole;
        wholes[index] = (wholes[index] ?? 0) + whole;
      }
    },
    amounts: () => valuesOf((part) => part),
    percents: () => valuesOf((part, whole) => (part / whole) * 100),
  };
};

/**
 * Puts in what the trails do not know yet. The sums are weighted by what the VMs have now: nobody
 * says how many CPUs one had a minute ago. The answer is the newest step.
 */
export const fillTrails = (
  { step_ms: stepMs, end, keys, ...base64 }: FleetRecent,
  entries: Pick<FleetEntries, 'byKey'>,
  totals: TotalTrails,
): number => {
  const cpu = percentsOf(base64.cpu);
  const memory = percentsOf(base64.memory);
  const points = keys.length === 0 ? 0 : Math.floor(cpu.length / keys.length);
  const newest = Math.round(end / stepMs);
  const first = newest - points + 1;
  const busy = makeSums(points);
  const used = makeSums(points);
  for (const [row, key] of keys.entries()) {
    // Undefined: it was removed meanwhile.
    const entry = entries.byKey(key);
    if (entry === undefined) continue;
    const cpuRow = cpu.subarray(row * points, (row + 1) * points);
    const memoryRow = memory.subarray(row * points, (row + 1) * points);
    entry.cpu.fill(first, cpuRow);
    entry.memory.fill(first, memoryRow);
    busy.add(cpuRow, entry.row?.cpuCount);
    used.add(memoryRow, entry.row?.memoryTotalBytes);
  }
  totals.cpu.fill(first, busy.percents());
  totals.memory.fill(first, used.amounts());
  return newest;
};
