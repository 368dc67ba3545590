/** Who may see which executions, also of VMs that are not registered any more. */
import type { Actor } from '../auth/actor.ts';
import { authorize, type Action } from '../auth/authorize.ts';
import type { Vms } from '../vms/vm-record.ts';

export interface RunAccess {
  may(actor: Actor, action: Action, vmId: string): boolean;
  /** Null: every VM, also those that are gone. */
  visibleVmIds(actor: Actor): readonly string[] | null;
}

export const makeRunAccess = (vms: Pick<Vms, 'get' | 'all'>): RunAccess => ({
  may: (actor, action, vmId) => {
    const vm = vms.get(vmId);
    if (vm !== undefined) return authorize(actor, action, vm);
    // Nobody knows what labels it had.
    return actor.scope === undefined && authorize(actor, action, undefined);
  },
  visibleVmIds: (actor) => {
    if (actor.scope === undefined) return null;
    return [...vms.all()].filter((vm) => authorize(actor, 'run.read', vm)).map(({ id }) => id);
  },
});
