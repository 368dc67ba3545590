/**
 * Provisioning: sees which VMs have enrolled or have started anew, and runs what is due there, one
 * script after the other, as runs of the manager itself.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Readings } from '../readings/readings.ts';
import type { StoredEvent } from '../runs/run-record.ts';
import type { RunWriter } from '../runs/run-writer.ts';
import type { Runs } from '../runs/runs.ts';
import type { Vms } from '../vms/vm-record.ts';
import { makeBoots } from './boots.ts';
import { makeProvisioningControls, type ProvisioningControls } from './controls.ts';
import type { ListGuestScripts } from './guest-scripts.ts';
import { makeLanes } from './lanes.ts';
import { makeProvisionVm } from './provision-vm.ts';
import { getRunningVms } from './sql/get-running-vms.ts';
import { listRounds } from './sql/list-rounds.ts';
import type { RoundRow } from './sql/round-row.ts';

export interface ProvisioningLimits {
  /** VMs that are looked at in one moment. */
  readonly atOnce: number;
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

export const PROVISIONING_LIMITS: ProvisioningLimits = {
  atOnce: 16,
  retryMs: 1_000,
  maxRetryMs: 60_000,
};

export interface ProvisioningSource {
  newest(vmId: string): Promise<RoundRow | undefined>;
  /** Calls back with the VM whose steps have changed, or come further. */
  onChange(listener: (vmId: string) => void): () => void;
}

export interface ProvisioningParts extends ProvisioningSource {
  readonly controls: ProvisioningControls;
  /** After the runs were taken up: goes on with what an earlier manager has left. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProvisioningOptions {
  readonly database: Database;
  readonly vms: Pick<Vms, 'get' | 'onChange'>;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly runs: Pick<Runs, 'begin' | 'control' | 'isActive' | 'onRun'>;
  readonly writer: Pick<RunWriter, 'written' | 'onWritten'>;
  readonly listGuestScripts: ListGuestScripts;
  readonly limits: ProvisioningLimits;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
}

const isProgress = ({ kind }: StoredEvent): boolean => kind === 'progress' || kind === 'execution';

export const makeProvisioning = (options: ProvisioningOptions): ProvisioningParts => {
  const { database, vms, readings, runs, writer, listGuestScripts, limits, log } = options;
  const boots = makeBoots({ database, monotonicMs: () => options.clock.monotonicMs() });
  const listeners = new Set<(vmId: string) => void>();
  /** The VM of each run that is a step, by the run's key. */
  const vmOfRun = new Map<number, string>();

  const changed = (vmId: string): void => {
    for (const listener of listeners) listener(vmId);
  };
  const provisionVm = makeProvisionVm({
    database,
    vms,
    boots,
    runs,
    written: async () => writer.written(),
    listGuestScripts,
    changed,
    log,
  });
  const lanes = makeLanes({
    work: provisionVm,
    onError: (vmId, error, failures) => {
      if (failures === 0) log.warn('provisioning cannot go on yet', { vm_id: vmId, error });
    },
    ...limits,
  });

  const stopListening = [
    readings.onReading(({ id }, reading) => {
      if (boots.saw(id, reading)) lanes.poke(id);
    }),
    runs.onRun((kind, run, [execution]) => {
      if (run.actor.kind !== 'system' || execution === undefined) return;
      if (kind === 'begun') {
        vmOfRun.set(run.key, execution.vmId);
      } else {
        vmOfRun.delete(run.key);
        lanes.poke(execution.vmId);
      }
    }),
    writer.onWritten((events) => {
      const keys = new Set(events.filter(isProgress).map(({ runKey }) => runKey));
      for (const key of keys) {
        const vmId = vmOfRun.get(key);
        if (vmId !== undefined) changed(vmId);
      }
    }),
    vms.onChange(({ kind, vm }) => {
      if (kind === 'removed') boots.forget(vm.id);
    }),
  ];

  return {
    controls: makeProvisioningControls({
      database,
      boots,
      listGuestScripts,
      poke: (vmId) => lanes.poke(vmId),
    }),
    newest: async (vmId) => (await listRounds(database, vmId, undefined, 1))[0],
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => {
      await boots.load();
      for (const vmId of await getRunningVms(database)) lanes.poke(vmId);
    },
    stop: async () => {
      for (const stopOne of stopListening) stopOne();
      await lanes.stop();
    },
  };
};
