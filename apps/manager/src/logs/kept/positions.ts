/**
 * How far the lines of each VM were looked at. A position is written only after the lines before it,
 * so that a manager that was killed looks at some of them again and leaves none out.
 */
import type { Queryable } from '../../database/database.ts';
import { getLogVms } from './sql/get-log-vms.ts';
import { upsertLogVms, type LogVm } from './sql/upsert-log-vms.ts';

const BATCH_ROWS = 2_000;

export type Position = Pick<LogVm, 'cursor' | 'resumeAfter'>;

export interface Positions {
  load(): Promise<void>;
  of(vmKey: number): Position | undefined;
  note(vm: LogVm): void;
  /** Those that have changed since they were last written. */
  take(): readonly LogVm[];
  write(changed: readonly LogVm[]): Promise<void>;
  /** Nothing is noted of it any more. What is stored stays. */
  forget(vmKey: number): void;
}

export const makePositions = (database: Queryable): Positions => {
  const known = new Map<number, Position>();
  const changed = new Map<number, LogVm>();

  return {
    load: async () => {
      for (const vm of await getLogVms(database)) known.set(vm.vmKey, vm);
    },
    of: (vmKey) => known.get(vmKey),
    note: (vm) => {
      changed.set(vm.vmKey, vm);
      known.set(vm.vmKey, vm);
    },
    take: () => [...changed.values()],
    write: async (noted) => {
      for (let from = 0; from < noted.length; from += BATCH_ROWS) {
        const batch = noted.slice(from, from + BATCH_ROWS);
        await upsertLogVms(database, batch);
        for (const vm of batch) if (changed.get(vm.vmKey) === vm) changed.delete(vm.vmKey);
      }
    },
    forget: (vmKey) => {
      known.delete(vmKey);
    },
  };
};
