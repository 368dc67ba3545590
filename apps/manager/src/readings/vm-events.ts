/** What happened to a VM between two readings: why its chart has a gap, or a step. */
import type { Reading, VmEvent } from '@innkeeper/protocol';
import { isReboot, type Boot } from '../rate/elapsed.ts';

/** The database gives it an id. */
export type NewVmEvent = Omit<VmEvent, 'id'>;

export type Announced = Pick<Reading, 'state' | 'origin'>;

const MAX_TEXT = 512;

const text = (value: string | null): string | null => value?.slice(0, MAX_TEXT) ?? null;

const NONE: readonly NewVmEvent[] = [];

export const changeEvents = (
  before: Announced,
  now: Reading,
  at: number,
): readonly NewVmEvent[] => {
  if (before.state === now.state && before.origin === now.origin) return NONE;
  const events: NewVmEvent[] = [];
  const why = { reason: now.reason, message: text(now.message) };
  if (before.state !== now.state) {
    events.push({
      at,
      kind: 'state_changed',
      detail: { from: before.state, to: now.state, ...why },
    });
  }
  if (before.origin !== now.origin) {
    events.push({
      at,
      kind: 'origin_changed',
      detail: { from: before.origin, to: now.origin, ...why },
    });
  }
  return events;
};

export const rebootEvent = (
  before: Boot | undefined,
  now: Boot,
  at: number,
): NewVmEvent | undefined =>
  before !== undefined && isReboot(before, now)
    ? {
        at,
        kind: 'rebooted',
        detail: {
          from: text(before.boot_id),
          to: text(now.boot_id),
          uptime_seconds: now.uptime_seconds,
        },
      }
    : undefined;
