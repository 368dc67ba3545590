/** Changes a VM's own fields, and shows it as the manager has it then. */
import type { Vm } from '@innkeeper/protocol';
import { useChange, type Change } from './use-change.ts';
import { useVm } from './vm-stores.ts';

export const usePatch = (
  vm: Vm,
): { readonly change: Change; readonly patch: (body: unknown) => Promise<void> } => {
  const { record } = useVm();
  const change = useChange();
  const patch = async (body: unknown): Promise<void> => {
    const result = await change.send<Vm>('PATCH', `/v1/vms/${encodeURIComponent(vm.id)}`, body);
    if (result.ok) record.set(result.value);
  };
  return { change, patch };
};
