/** Registers, takes over and clears the address at which a VM's agent answers. */
import { refuse } from '../http/problem.ts';
import type { ChangedBy, Outcome } from './outcome.ts';
import { setGuestIp, type AddressToSet } from './sql/set-guest-ip.ts';
import { forbidden, guestIpTaken, isAllowed, LOCAL_VM, VM_NOT_FOUND } from './vm-problems.ts';
import type { VmRecord } from './vm-record.ts';
import type { NewAddress } from './vm-registry.ts';
import {
  audit,
  changeVm,
  describeAddress,
  note,
  settled,
  written,
  type VmPlan,
  type VmWriting,
} from './write-vm.ts';

const MAY_NOT_TAKE_OVER = forbidden(
  'take_over: another VM has this address, and you may not change that VM',
);

export const makeGuestIpChanges = (writing: VmWriting) => {
  const { cache, addressRules } = writing;

  /** Why the VM that has this address keeps it; undefined: it may lose it. */
  const holderKeeps = (
    by: ChangedBy,
    holder: VmRecord,
    address: AddressToSet,
    takeOver: boolean,
  ) => {
    if (!takeOver) {
      return guestIpTaken(address.guestIp ?? '', address.agentPort, holder, by.actor);
    }
    if (!isAllowed(by.actor, 'vm.update', holder)) return MAY_NOT_TAKE_OVER;
    return holder.isLocal ? LOCAL_VM : undefined;
  };

  const write = (
    by: ChangedBy,
    vm: VmRecord,
    address: AddressToSet,
    holder: VmRecord | undefined,
  ): VmPlan => ({
    kind: 'write',
    work: async (transaction) => {
      const changed: VmRecord[] = [];
      // First, or the two would have one address for a moment, which the index forbids.
      if (holder !== undefined) {
        const { id, agentPort } = holder;
        const cleared = { id, agentPort, guestIp: undefined };
        const loser = written(await setGuestIp(transaction, cleared));
        const from = describeAddress(holder);
        await note(transaction, loser, 'address_changed', { from, to: null });
        const detail = { from, taken_over_by: vm.id };
        await audit(writing, transaction, by, 'vm.clear_guest_ip', loser, detail);
        changed.push(loser);
      }
      const winner = written(await setGuestIp(transaction, address));
      const from = describeAddress(vm);
      const to = describeAddress(winner);
      await note(transaction, winner, 'address_changed', { from, to });
      const action = to === null ? 'vm.clear_guest_ip' : 'vm.set_guest_ip';
      const detail = { from, to, ...(holder !== undefined && { taken_over_from: holder.id }) };
      await audit(writing, transaction, by, action, winner, detail);
      changed.push(winner);
      return {
        value: { ok: true, value: winner },
        apply: () => {
          cache.put(...changed);
        },
      };
    },
  });

  const planSet = (by: ChangedBy, id: string, wanted: NewAddress): VmPlan => {
    const vm = cache.get(id);
    if (vm === undefined) return settled(refuse(VM_NOT_FOUND));
    if (!isAllowed(by.actor, 'vm.update', vm)) {
      return settled(refuse(forbidden('this VM may not be changed by you')));
    }
    const agentPort = wanted.agentPort ?? vm.agentPort;
    const checked = addressRules.check('guest_ip', wanted.guestIp, agentPort);
    const guestIp = checked.ok ? checked.address : undefined;
    // Even where the rules have become stricter since: nothing would change.
    if (guestIp !== undefined && vm.guestIp === guestIp && vm.agentPort === agentPort) {
      return settled({ ok: true, value: vm });
    }
    if (vm.isLocal) return settled(refuse(LOCAL_VM));
    if (!checked.ok) return settled(checked);
    const address = { id: vm.id, guestIp, agentPort };
    const holder = cache.byAddress(checked.address, agentPort);
    // Its own address with the same port was settled above, so the holder is another VM.
    const problem =
      holder === undefined ? undefined : holderKeeps(by, holder, address, wanted.takeOver);
    return problem === undefined ? write(by, vm, address, holder) : settled(refuse(problem));
  };

  const planClear = (by: ChangedBy, id: string): VmPlan => {
    const vm = cache.get(id);
    if (vm === undefined) return settled(refuse(VM_NOT_FOUND));
    if (!isAllowed(by.actor, 'vm.update', vm)) {
      return settled(refuse(forbidden('this VM may not be changed by you')));
    }
    if (vm.isLocal) return settled(refuse(LOCAL_VM));
    if (vm.guestIp === undefined) return settled({ ok: true, value: vm });
    const { agentPort } = vm;
    return write(by, vm, { id: vm.id, guestIp: undefined, agentPort }, undefined);
  };

  return {
    setGuestIp: async (
      by: ChangedBy,
      id: string,
      address: NewAddress,
    ): Promise<Outcome<VmRecord>> =>
      changeVm(
        writing,
        by,
        () => planSet(by, id, address),
        () => ({
          guestIp: address.guestIp,
          ...(address.agentPort !== undefined && { agentPort: address.agentPort }),
        }),
      ),
    clearGuestIp: async (by: ChangedBy, id: string): Promise<Outcome<VmRecord>> =>
      changeVm(
        writing,
        by,
        () => planClear(by, id),
        () => ({}),
      ),
  };
};
