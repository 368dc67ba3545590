/**
 * Adds up the rates of devices. One that appears, vanishes or starts its counters anew between two
 * samples is left out of that sum, so that it gives neither a spike nor a hole.
 */
import type { MissingReason } from '@innkeeper/protocol';

export interface DeviceSum {
  /** There is such a device, whether or not its rate is known. */
  seen(): void;
  /** The two numbers of a device count together or not at all. */
  add(one: number | MissingReason, other: number | MissingReason): boolean;
  one(): number | null;
  other(): number | null;
  /** Null where there is a sum. */
  reason(): MissingReason | null;
}

export const makeDeviceSum = (): DeviceSum => {
  let devices = 0;
  let added = 0;
  let first = 0;
  let second = 0;
  let problem: MissingReason | undefined;
  return {
    seen: () => {
      devices += 1;
    },
    add: (one, other) => {
      if (typeof one === 'string') {
        problem = one;
        return false;
      }
      if (typeof other === 'string') {
        problem = other;
        return false;
      }
      added += 1;
      first += one;
      second += other;
      return true;
    },
    one: () => (added > 0 ? first : null),
    other: () => (added > 0 ? second : null),
    reason: () => {
      if (added > 0) return null;
      return devices === 0 ? 'absent' : (problem ?? 'first_sample');
    },
  };
};
