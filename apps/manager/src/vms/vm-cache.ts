/** The VMs in memory, found by id, name and address, and those who want to know of changes. */
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../log.ts';
import type { VmChange, VmRecord, Vms } from './vm-record.ts';

export interface VmCache extends Vms {
  byName(name: string): VmRecord | undefined;
  byAddress(guestIp: string, agentPort: number): VmRecord | undefined;
  bySocket(path: string): VmRecord | undefined;
  local(): VmRecord | undefined;
  /** Adds or replaces. */
  put(...vms: readonly VmRecord[]): void;
  remove(id: string): void;
  /** Becomes exactly this. */
  replaceAll(vms: readonly VmRecord[]): void;
}

const addressKey = (guestIp: string, agentPort: number): string => `${guestIp} ${agentPort}`;

export const makeVmCache = ({ log }: { readonly log: Log }): VmCache => {
  const byId = new Map<string, VmRecord>();
  const byName = new Map<string, VmRecord>();
  const byAddress = new Map<string, VmRecord>();
  const bySocket = new Map<string, VmRecord>();
  const listeners = new Set<(change: VmChange) => void>();
  let localId: string | undefined;

  const index = (vm: VmRecord): void => {
    byId.set(vm.id, vm);
    byName.set(vm.name, vm);
    if (vm.guestIp !== undefined) byAddress.set(addressKey(vm.guestIp, vm.agentPort), vm);
    if (vm.agentSocket !== undefined) bySocket.set(vm.agentSocket.path, vm);
    if (vm.isLocal) localId = vm.id;
  };

  const unindex = (vm: VmRecord): void => {
    byName.delete(vm.name);
    if (vm.guestIp !== undefined) byAddress.delete(addressKey(vm.guestIp, vm.agentPort));
    if (vm.agentSocket !== undefined) bySocket.delete(vm.agentSocket.path);
    if (vm.isLocal) localId = undefined;
  };

  /** The change is committed: one listener's bug must not keep it from the others. */
  const tell = (change: VmChange): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error('a listener to VM changes failed', { vm_id: change.vm.id, error });
      }
    }
  };

  /** All are out before one is in: two of them may have changed places. */
  const apply = (removed: readonly VmRecord[], put: readonly VmRecord[]): void => {
    const befores = put.map((vm) => byId.get(vm.id));
    for (const vm of [...removed, ...befores]) if (vm !== undefined) unindex(vm);
    for (const { id } of removed) byId.delete(id);
    for (const vm of put) index(vm);
    for (const vm of removed) tell({ kind: 'removed', vm });
    put.forEach((vm, at) => {
      const before = befores[at];
      tell(before === undefined ? { kind: 'added', vm } : { kind: 'changed', vm, before });
    });
  };

  return {
    all: () => byId.values(),
    count: () => byId.size,
    // Postgres writes UUIDs in lower case; a client may not.
    get: (id) => byId.get(id) ?? byId.get(id.toLowerCase()),
    byName: (name) => byName.get(name),
    byAddress: (guestIp, agentPort) => byAddress.get(addressKey(guestIp, agentPort)),
    bySocket: (path) => bySocket.get(path),
    local: () => (localId === undefined ? undefined : byId.get(localId)),
    put: (...vms) => {
      apply([], vms);
    },
    remove: (id) => {
      const vm = byId.get(id);
      if (vm !== undefined) apply([vm], []);
    },
    replaceAll: (vms) => {
      const ids = new Set(vms.map(({ id }) => id));
      const removed = [...byId.values()].filter(({ id }) => !ids.has(id));
      const put = vms.filter((vm) => !isDeepStrictEqual(vm, byId.get(vm.id)));
      apply(removed, put);
    },
    onChange: (listener) => {
      // A wrapper, so that one function given twice is called twice and ends once.
      const own = (change: VmChange): void => {
        listener(change);
      };
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
};
