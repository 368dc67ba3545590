/** Of which VMs somebody may see kept lines, and what these VMs are called. */
import type { KeptLog } from '@innkeeper/protocol';
import type { Actor } from '../../auth/actor.ts';
import { authorize } from '../../auth/authorize.ts';
import type { Queryable } from '../../database/database.ts';
import type { LabelSelector } from '../../vms/label-selector.ts';
import type { VmRecord, Vms } from '../../vms/vm-record.ts';
import { getLogVms } from './sql/get-log-vms.ts';

export interface VmChoice {
  readonly vmIds: readonly string[] | undefined;
  readonly labels: LabelSelector | undefined;
}

type Name = Pick<KeptLog, 'vm_id' | 'vm_name'>;

export interface VisibleVms {
  /** Undefined: all that there ever were. */
  readonly keys: readonly number[] | undefined;
  /** Of lines of these VMs. */
  namesOf(keys: Iterable<number>): Promise<ReadonlyMap<number, Name>>;
}

/** Whoever has a label scope sees no VM that is gone: nobody knows any more whether it would fit. */
export const findVisibleVms = async (
  database: Queryable,
  vms: Pick<Vms, 'all'>,
  actor: Actor,
  { vmIds, labels }: VmChoice,
): Promise<VisibleVms> => {
  const registered = new Map<number, VmRecord>();
  for (const vm of vms.all()) registered.set(vm.key, vm);
  const wanted = vmIds === undefined ? undefined : new Set(vmIds);

  const chosenKeys = async (): Promise<number[] | undefined> => {
    if (actor.scope === undefined && wanted === undefined && labels === undefined) return undefined;
    const keys: number[] = [];
    for (const vm of registered.values()) {
      if (wanted !== undefined && !wanted.has(vm.id)) continue;
      if (labels !== undefined && !labels.fits(vm.labels)) continue;
      if (authorize(actor, 'logs.read', vm)) keys.push(vm.key);
    }
    if (actor.scope !== undefined || wanted === undefined || labels !== undefined) return keys;
    const known = await getLogVms(database, { ids: [...wanted] });
    const gone = known.filter(({ vmKey }) => !registered.has(vmKey));
    return [...keys, ...gone.map(({ vmKey }) => vmKey)];
  };

  return {
    keys: await chosenKeys(),
    namesOf: async (keys) => {
      const names = new Map<number, Name>();
      const gone: number[] = [];
      for (const key of new Set(keys)) {
        const vm = registered.get(key);
        if (vm === undefined) gone.push(key);
        else names.set(key, { vm_id: vm.id, vm_name: vm.name });
      }
      if (gone.length === 0) return names;
      for (const { vmKey, vmId, name } of await getLogVms(database, { keys: gone })) {
        names.set(vmKey, { vm_id: vmId, vm_name: name });
      }
      return names;
    },
  };
};
