/**
 * The VMs that the actors of one label scope see, kept while somebody watches, and what of them has
 * changed since the watchers were last told.
 */
import type { FleetMembers } from '@innkeeper/protocol';
import type { VmChange, VmRecord } from '../vms/vm-record.ts';
import type { AgentState } from '../updates/agent-states.ts';
import { fleetMember, sameMember } from './fleet-row.ts';

export interface FleetGroup {
  vms(): Iterable<VmRecord>;
  /** Whole fleets come in parts, so that no message is huge; the first says `all`. */
  everything(): readonly FleetMembers[];
  apply(change: VmChange): void;
  /** What is known of its agent has changed. */
  touch(vm: VmRecord): void;
  /** What has changed since this was last asked. */
  takeChanges(): readonly FleetMembers[];
}

const MEMBERS_PER_MESSAGE = 2_000;

const inParts = (
  vms: readonly VmRecord[],
  agentOf: (vm: VmRecord) => AgentState,
  all: boolean,
): FleetMembers[] => {
  const parts: FleetMembers[] = [];
  for (let start = 0; start === 0 || start < vms.length; start += MEMBERS_PER_MESSAGE) {
    const part = vms.slice(start, start + MEMBERS_PER_MESSAGE);
    const members = part.map((vm) => fleetMember(vm, agentOf(vm)));
    parts.push({ all: all && start === 0, members, removed: [] });
  }
  return parts;
};

export const makeFleetGroup = (
  vms: Iterable<VmRecord>,
  sees: (vm: VmRecord) => boolean,
  agentOf: (vm: VmRecord) => AgentState,
): FleetGroup => {
  const members = new Map<number, VmRecord>();
  const changed = new Set<number>();
  const removed = new Set<number>();

  const put = (vm: VmRecord): void => {
    const before = members.get(vm.key);
    members.set(vm.key, vm);
    if (before !== undefined && sameMember(before, vm)) return;
    changed.add(vm.key);
    removed.delete(vm.key);
  };
  const take = ({ key }: VmRecord): void => {
    if (!members.delete(key)) return;
    changed.delete(key);
    removed.add(key);
  };

  for (const vm of vms) if (sees(vm)) members.set(vm.key, vm);

  return {
    vms: () => members.values(),
    everything: () => inParts([...members.values()], agentOf, true),
    apply(change) {
      if (change.kind === 'removed' || !sees(change.vm)) take(change.vm);
      else put(change.vm);
    },
    touch(vm) {
      if (members.has(vm.key)) changed.add(vm.key);
    },
    takeChanges() {
      if (changed.size === 0 && removed.size === 0) return [];
      const vmsChanged = [...changed].flatMap((key) => members.get(key) ?? []);
      const [first, ...rest] = inParts(vmsChanged, agentOf, false);
      const gone = [...removed];
      changed.clear();
      removed.clear();
      return first === undefined ? [] : [{ ...first, removed: gone }, ...rest];
    },
  };
};
