/** Who is in the fleet, the newest row of each, and the trails of their small charts. */
import type { FleetMember, FleetMembers } from '@innkeeper/protocol';
import type { FleetFrame, FleetRow } from '@innkeeper/protocol/fleet-frame';
import { makeTrail, type Trail } from './trail.ts';

export interface FleetVm {
  readonly member: FleetMember;
  /** Undefined until the first frame that has it. */
  readonly row: FleetRow | undefined;
  readonly cpu: Trail;
  readonly memory: Trail;
}

export interface FleetEntries {
  /** In the order of their arrival. */
  all(): readonly FleetVm[];
  get(id: string): FleetVm | undefined;
  byKey(key: number): FleetVm | undefined;
  applyMembers(members: FleetMembers): void;
  applyRows(frame: FleetFrame): void;
  /** What is known now, at each of these steps of the trails. */
  extendTrails(from: number, to: number): void;
  clearTrails(): void;
}

interface Entry {
  member: FleetMember;
  row: FleetRow | undefined;
  readonly cpu: Trail;
  readonly memory: Trail;
}

export const makeFleetEntries = (trailPoints: number): FleetEntries => {
  const entries = new Map<number, Entry>();
  const byId = new Map<string, Entry>();
  let list: readonly Entry[] = [];

  const remove = (key: number): void => {
    const entry = entries.get(key);
    if (entry !== undefined) byId.delete(entry.member.id);
    entries.delete(key);
  };
  const set = (member: FleetMember): void => {
    const entry = entries.get(member.key);
    if (entry !== undefined) {
      entry.member = member;
      return;
    }
    const added: Entry = {
      member,
      row: undefined,
      cpu: makeTrail(trailPoints),
      memory: makeTrail(trailPoints),
    };
    entries.set(member.key, added);
    byId.set(member.id, added);
  };

  return {
    all: () => list,
    get: (id) => byId.get(id),
    byKey: (key) => entries.get(key),
    applyMembers: ({ all, members, removed }) => {
      const kept = new Set(members.map(({ key }) => key));
      const gone = all ? [...entries.keys()].filter((key) => !kept.has(key)) : removed;
      for (const key of gone) remove(key);
      for (const member of members) set(member);
      list = [...entries.values()];
    },
    applyRows: ({ rows }) => {
      for (const row of rows) {
        const entry = entries.get(row.key);
        if (entry !== undefined) entry.row = row;
      }
    },
    extendTrails: (from, to) => {
      for (const { row, cpu, memory } of list) {
        for (let step = from; step <= to; step += 1) {
          cpu.set(step, row?.cpuUsagePercent ?? null);
          memory.set(step, row?.memoryUsagePercent ?? null);
        }
      }
    },
    clearTrails: () => {
      for (const { cpu, memory } of list) {
        cpu.clear();
        memory.clear();
      }
    },
  };
};
