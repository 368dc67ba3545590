/** The counters of the stand-in and those of the wire under the same names, for comparison. */
import type { VmmProcess } from '@innkeeper/protocol';
import type { Truth } from '../fakes/firecracker/stand-in.ts';

type Totals = Readonly<Record<string, number>>;

const WIRE_NAMES: Readonly<Record<string, string>> = {
  rx_bytes_count: 'receive_bytes_total',
  rx_packets_count: 'receive_packets_total',
  tx_bytes_count: 'transmit_bytes_total',
  tx_packets_count: 'transmit_packets_total',
  read_bytes: 'read_bytes_total',
  read_count: 'reads_completed_total',
  write_bytes: 'written_bytes_total',
  write_count: 'writes_completed_total',
};

/** `eth0.receive_bytes_total` of what the guest has done, or of what became of it. */
export const truthTotals = (
  { counters }: Truth,
  countOf: (fate: Truth['counters'][string]) => number = ({ counted }) => counted,
): Totals =>
  Object.fromEntries(
    Object.entries(counters).flatMap(([key, fate]) => {
      const [, device, field = ''] = /^(?:net|block)_([^.]+)\.(.+)$/u.exec(key) ?? [];
      const name = WIRE_NAMES[field];
      return device === undefined || name === undefined
        ? []
        : [[`${device}.${name}`, countOf(fate)]];
    }),
  );

const deviceTotals = (part: Extract<VmmProcess['firecracker'], { ok: true }>): Totals =>
  Object.fromEntries(
    [...part.net, ...part.block].flatMap(({ device, ...counters }) =>
      Object.entries(counters).map(([key, value]) => [`${device}.${key}`, value]),
    ),
  );

/** Whether it has all that is wanted; counters that are 0 on both sides may be missing in `wanted`. */
export const hasTotals = (part: VmmProcess['firecracker'], wanted: Totals): boolean => {
  if (!part.ok) return false;
  const got = deviceTotals(part);
  return Object.entries(wanted).every(([key, value]) => got[key] === value);
};
