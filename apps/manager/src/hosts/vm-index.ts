/**
 * Finds the VMs that a VMM may be without asking each of them: 200 VMMs against 10,000 VMs each
 * second would be two million comparisons.
 */
import type { VmmProcess } from '@innkeeper/protocol';
import type { MatchedVm } from './vmm-keys.ts';

export interface VmIndex<Vm extends MatchedVm> {
  add(vm: Vm): void;
  remove(vm: Vm): void;
  /** All that have any key in common with it, and some more. Each once. */
  candidates(process: VmmProcess, hostId: string): ReadonlySet<Vm>;
  get(id: string): Vm | undefined;
  onHost(hostId: string): Iterable<Vm>;
}

/** The texts under which a VM is found. */
export const termsOf = ({ id, name, hostId, vmm }: MatchedVm): readonly string[] => {
  const terms = new Set([`uuid ${(vmm?.uuid ?? id).toLowerCase()}`]);
  if (hostId !== undefined) {
    terms.add(`vm ${hostId} ${id}`);
    terms.add(`name ${hostId} ${vmm?.name ?? name}`);
    if (vmm?.pid !== undefined) terms.add(`pid ${hostId} ${vmm.pid}`);
  } else if (vmm?.name !== undefined) {
    terms.add(`name * ${vmm.name}`);
  }
  return [...terms];
};

/** The texts under which the VM of a VMM may be found. */
export const termsFor = (process: VmmProcess, hostId: string): readonly string[] => {
  const terms = [`pid ${hostId} ${process.pid}`];
  if (process.vm_id !== null) terms.push(`vm ${hostId} ${process.vm_id}`);
  for (const uuid of [process.uuid, process.id]) {
    if (uuid !== null) terms.push(`uuid ${uuid.toLowerCase()}`);
  }
  for (const name of [process.name, process.id]) {
    if (name !== null) terms.push(`name ${hostId} ${name}`, `name * ${name}`);
  }
  return terms;
};

const NOBODY: ReadonlySet<never> = new Set();

export const makeVmIndex = <Vm extends MatchedVm>(): VmIndex<Vm> => {
  const byId = new Map<string, Vm>();
  const byTerm = new Map<string, Set<Vm>>();
  const byHost = new Map<string, Set<Vm>>();

  const put = (map: Map<string, Set<Vm>>, key: string, vm: Vm): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, new Set([vm]));
    else known.add(vm);
  };
  const take = (map: Map<string, Set<Vm>>, key: string, vm: Vm): void => {
    const known = map.get(key);
    known?.delete(vm);
    if (known?.size === 0) map.delete(key);
  };

  const remove = ({ id }: Vm): void => {
    // What was added, not what is given: the fields may have changed since.
    const vm = byId.get(id);
    if (vm === undefined) return;
    byId.delete(id);
    for (const term of termsOf(vm)) take(byTerm, term, vm);
    if (vm.hostId !== undefined) take(byHost, vm.hostId, vm);
  };

  return {
    add: (vm) => {
      remove(vm);
      byId.set(vm.id, vm);
      for (const term of termsOf(vm)) put(byTerm, term, vm);
      if (vm.hostId !== undefined) put(byHost, vm.hostId, vm);
    },
    remove,
    candidates: (process, hostId) => {
      const found = new Set<Vm>();
      for (const term of termsFor(process, hostId)) {
        for (const vm of byTerm.get(term) ?? NOBODY) found.add(vm);
      }
      return found;
    },
    get: (id) => byId.get(id),
    onHost: (hostId) => byHost.get(hostId) ?? NOBODY,
  };
};
