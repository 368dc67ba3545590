/** The latest reading of every VM, for whoever shows it. */
import type { Reading } from '@innkeeper/protocol';
import type { VmRecord } from '../vms/vm-record.ts';

export interface Readings {
  /** Of any registered VM, also one that was never heard of; `age_ms` is as of now. */
  latest(vm: VmRecord): Reading;
  /** Calls back with each new reading; the answer ends it. */
  onReading(listener: (vm: VmRecord, reading: Reading) => void): () => void;
}
