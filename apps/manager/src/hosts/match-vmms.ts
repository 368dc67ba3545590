/**
 * Which VMM of a host is which VM. Level by level, from the strongest key to the weakest: who is
 * alone with his counterpart at a level is matched, and those who are not are ambiguous, both sides
 * and for good. So a weaker key never overrides a stronger one, and the order of the lists never
 * counts.
 */
import type { VmmProcess } from '@innkeeper/protocol';
import type { VmIndex } from './vm-index.ts';
import { keysBetween, VMM_KEYS, type MatchedVm, type VmmKey } from './vmm-keys.ts';

export interface Match {
  readonly process: VmmProcess;
  /** The strongest by which they belong together. */
  readonly key: VmmKey;
}

export interface Matches {
  /** By the VM's id. */
  readonly matched: ReadonlyMap<string, Match>;
  /** By the VM's id: how many VMMs it might be, or how many VMs its VMM might be. */
  readonly ambiguous: ReadonlyMap<string, number>;
  /** VMMs that no VM stands for. */
  readonly unclaimed: readonly VmmProcess[];
}

type Links = Map<VmmProcess, Set<string>>;

/** Who fits whom, by key. */
const linksByKey = <Vm extends MatchedVm>(
  processes: readonly VmmProcess[],
  index: Pick<VmIndex<Vm>, 'candidates'>,
  hostId: string,
): Map<VmmKey, Links> => {
  const byKey = new Map<VmmKey, Links>();
  for (const process of processes) {
    for (const vm of index.candidates(process, hostId)) {
      for (const key of keysBetween(vm, process, hostId)) {
        const links = byKey.get(key) ?? new Map<VmmProcess, Set<string>>();
        byKey.set(key, links);
        const vms = links.get(process) ?? new Set();
        links.set(process, vms.add(vm.id));
      }
    }
  }
  return byKey;
};

export const matchVmms = <Vm extends MatchedVm>(
  processes: readonly VmmProcess[],
  index: Pick<VmIndex<Vm>, 'candidates'>,
  hostId: string,
): Matches => {
  const matched = new Map<string, Match>();
  const ambiguous = new Map<string, number>();
  const settled = new Set<VmmProcess>();
  const byKey = linksByKey(processes, index, hostId);

  const matchLevel = (key: VmmKey, links: Links): void => {
    const open: [VmmProcess, string[]][] = [];
    const vmmsOf = new Map<string, number>();
    for (const [process, ids] of links) {
      if (settled.has(process)) continue;
      // One that is ambiguous already claims it all the same: it might be this one.
      const free = [...ids].filter((id) => !matched.has(id));
      if (free.length === 0) continue;
      open.push([process, free]);
      for (const id of free) vmmsOf.set(id, (vmmsOf.get(id) ?? 0) + 1);
    }
    for (const [process, ids] of open) {
      settled.add(process);
      for (const id of ids) {
        const vmms = vmmsOf.get(id) ?? 0;
        const isAlone = ids.length === 1 && vmms === 1 && !ambiguous.has(id);
        if (isAlone) matched.set(id, { process, key });
        else ambiguous.set(id, Math.max(ids.length, vmms, ambiguous.get(id) ?? 0));
      }
    }
  };

  for (const key of VMM_KEYS) {
    const links = byKey.get(key);
    if (links !== undefined) matchLevel(key, links);
  }
  return { matched, ambiguous, unclaimed: processes.filter((one) => !settled.has(one)) };
};
