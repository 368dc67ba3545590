/**
 * By what a VMM is known to be a VM's. The strongest first: what an operator said of this very
 * process, then what the hypervisor keeps over restarts, then names, which whoever starts a VMM
 * chooses freely.
 */
import type { VmmProcess } from '@innkeeper/protocol';
import type { VmRecord } from '../vms/vm-record.ts';

export const VMM_KEYS = ['locator', 'process', 'pid', 'uuid', 'id', 'name'] as const;
export type VmmKey = (typeof VMM_KEYS)[number];

export type MatchedVm = Pick<VmRecord, 'id' | 'name' | 'hostId' | 'vmm'>;

/** Whether the VM itself says where to look, so that the agent's `vm_id` is an answer to that. */
const hasOwnLocator = ({ vmm }: Pick<MatchedVm, 'vmm'>): boolean =>
  vmm !== undefined &&
  ((vmm.pid !== undefined && vmm.start_ticks === undefined) ||
    vmm.pidfile !== undefined ||
    vmm.api_socket !== undefined ||
    vmm.qmp_socket !== undefined);

const same = (one: string, other: string | null): boolean =>
  other !== null && one.toLowerCase() === other.toLowerCase();

/** What a VM says of itself that this process is not. No key outweighs it. */
const isContradicted = ({ vmm }: MatchedVm, process: VmmProcess): boolean => {
  if (vmm === undefined) return false;
  if (vmm.kind !== process.kind) return true;
  const { uuid } = vmm;
  if (uuid === undefined || (process.uuid === null && process.id === null)) return false;
  return !same(uuid, process.uuid) && !same(uuid, process.id);
};

/**
 * The keys by which this process of this host is the VM's, the strongest first. Of a VM without a
 * host only what is unique over all hosts counts: its uuid, or a name given in `vmm`. Pids mean
 * another process on each host, and its own name is a label that a stranger's VMM may bear too.
 */
export const keysBetween = (
  vm: MatchedVm,
  process: VmmProcess,
  hostId: string,
): readonly VmmKey[] => {
  const isPlaced = vm.hostId === hostId;
  if (!isPlaced && vm.hostId !== undefined) return [];
  if (isContradicted(vm, process)) return [];
  const { vmm } = vm;
  const uuid = vmm?.uuid ?? vm.id;
  const keys: VmmKey[] = [];
  if (isPlaced) {
    if (process.vm_id === vm.id && hasOwnLocator(vm)) keys.push('locator');
    if (vmm?.pid === process.pid) {
      if (vmm.start_ticks === undefined) keys.push('pid');
      else if (vmm.start_ticks === process.start_ticks) keys.push('process');
    }
  }
  if (same(uuid, process.uuid)) keys.push('uuid');
  if (same(uuid, process.id)) keys.push('id');
  const name = vmm?.name ?? (isPlaced ? vm.name : undefined);
  if (name !== undefined && (name === process.name || name === process.id)) keys.push('name');
  return keys;
};
