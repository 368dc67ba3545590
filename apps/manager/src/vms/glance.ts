/**
 * The readings that a list sorts and filters by: as they were made. `Readings.latest` copies each
 * one to say how old it is now, which for ten thousand VMs takes longer than the sorting.
 */
import type { Reading } from '@innkeeper/protocol';
import type { Readings } from '../readings/readings.ts';
import type { VmRecord, Vms } from './vm-record.ts';

export interface Glance {
  glance(vm: VmRecord): Reading;
  stop(): void;
}

export interface GlanceOptions {
  readonly vms: Pick<Vms, 'onChange'>;
  readonly readings: Readings;
}

export const makeGlance = ({ vms, readings }: GlanceOptions): Glance => {
  /** By id; of registered VMs only. */
  const newest = new Map<string, Reading>();
  const stopReadings = readings.onReading((vm, reading) => {
    newest.set(vm.id, reading);
  });
  const stopVms = vms.onChange(({ kind, vm }) => {
    if (kind === 'removed') newest.delete(vm.id);
  });
  return {
    glance: (vm) => newest.get(vm.id) ?? readings.latest(vm),
    stop: () => {
      stopReadings();
      stopVms();
    },
  };
};
