/** From readings to Postgres: what was known before the restart, and all that comes from now on. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { VmReadings } from '../readings/make-readings.ts';
import { getVmLatest } from '../store/sql/get-vm-latest.ts';
import { makeStore, type Store } from '../store/store.ts';
import type { Retention } from '../store/tiers.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Releasers } from './releasers.ts';

export interface StoreOptions {
  readonly database: Database;
  readonly vms: Pick<Vms, 'onChange'>;
  readonly readings: VmReadings;
  readonly keepMs: Retention;
  readonly keepProcessesMs: number;
  readonly keepLogsMs: number;
  readonly bufferBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

/** Of the ten seconds that stopping may take. */
const LAST_WRITE_MS = 3_000;
/** A statement of the upkeep may be under way as well. */
const STOP_MS = 3_500;

export const startStore = async (options: StoreOptions): Promise<Store> => {
  const { database, vms, readings, bufferBytes, clock, log, releasers } = options;
  const { keepMs, keepProcessesMs, keepLogsMs } = options;
  readings.restore(await getVmLatest(database));
  const store = makeStore({
    database,
    clock,
    log,
    keepMs,
    keepProcessesMs,
    keepLogsMs,
    options: { bufferBytes },
  });
  const { writer } = store;
  const stopListening = [
    readings.onReading((vm, reading) => writer.add(vm.key, reading)),
    readings.onEvent((vm, event) => writer.addEvent({ vmKey: vm.key, ...event })),
    vms.onChange(({ kind, vm }) => {
      if (kind === 'removed') writer.forget(vm.key);
    }),
  ];
  store.start();
  const stop = async (): Promise<void> => {
    for (const stopOne of stopListening) stopOne();
    await store.stop(LAST_WRITE_MS);
  };
  releasers.add('store', stop, STOP_MS);
  return store;
};
