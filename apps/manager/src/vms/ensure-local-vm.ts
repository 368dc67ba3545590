/**
 * The VM that stands for the manager's own machine. Its agent listens at another free port each
 * time, so a change of its address is neither an event nor an audit row, and asks no rules.
 */
import type { Queryable } from '../database/database.ts';
import type { Plan } from './changes.ts';
import { freeName } from './free-name.ts';
import { insertVm } from './sql/insert-vm.ts';
import { setGuestIp } from './sql/set-guest-ip.ts';
import { updateVm } from './sql/update-vm.ts';
import type { VmRecord } from './vm-record.ts';
import type { LocalVm } from './vm-registry.ts';
import { audit, describeAddress, note, written, type VmWriting } from './write-vm.ts';

const BY_MANAGER = { actor: undefined, request: undefined };

export const makeEnsureLocalVm = (writing: VmWriting) => {
  const { cache, changes } = writing;

  const insert = async (transaction: Queryable, local: LocalVm): Promise<VmRecord> => {
    // Somebody may have given its name to another machine.
    const name = freeName(local.name, (one) => cache.byName(one) !== undefined);
    if (name === undefined) throw new Error(`no name like ${local.name} is free`);
    const vm = await insertVm(transaction, {
      name,
      guestIp: local.guestIp,
      agentPort: local.agentPort,
      agentSocket: undefined,
      hostId: local.hostId,
      vmm: undefined,
      labels: {},
      isLocal: true,
    });
    await note(transaction, vm, 'registered', { to: describeAddress(vm) });
    await audit(writing, transaction, BY_MANAGER, 'vm.create', vm, { local: true });
    return vm;
  };

  const update = async (
    transaction: Queryable,
    known: VmRecord,
    { guestIp, agentPort, hostId }: LocalVm,
  ): Promise<VmRecord> => {
    if (known.hostId !== hostId) await updateVm(transaction, { ...known, hostId });
    return written(await setGuestIp(transaction, { id: known.id, guestIp, agentPort }));
  };

  const plan = (local: LocalVm): Plan<VmRecord> => {
    const { guestIp, agentPort, hostId } = local;
    const known = cache.local();
    if (known?.guestIp === guestIp && known.agentPort === agentPort && known.hostId === hostId) {
      return { kind: 'settled', value: known };
    }
    const holder = cache.byAddress(guestIp, agentPort);
    return {
      kind: 'write',
      work: async (transaction) => {
        const changed: VmRecord[] = [];
        if (holder !== undefined && holder.id !== known?.id) {
          const cleared = { id: holder.id, guestIp: undefined, agentPort: holder.agentPort };
          const loser = await setGuestIp(transaction, cleared);
          if (loser !== undefined) {
            const detail = { from: describeAddress(holder), to: null };
            await note(transaction, loser, 'address_changed', detail);
            await audit(writing, transaction, BY_MANAGER, 'vm.clear_guest_ip', loser, detail);
            changed.push(loser);
          }
        }
        const vm = await (known === undefined
          ? insert(transaction, local)
          : update(transaction, known, local));
        return {
          value: vm,
          apply: () => {
            cache.put(...changed, vm);
          },
        };
      },
    };
  };

  return async (local: LocalVm): Promise<VmRecord> => changes.change(() => plan(local));
};
