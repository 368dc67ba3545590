/** Which versions the fleet's agents are, and who is not what the manager serves. */
import type { FleetVm } from '../state/fleet-entries.ts';

export interface VersionCount {
  /** Undefined: the agent has never said it. */
  readonly version: string | undefined;
  readonly count: number;
}

const collator = new Intl.Collator('en', { numeric: true });

/** Newest first, and unknown last. */
export const countVersions = (vms: readonly FleetVm[]): readonly VersionCount[] => {
  const counts = new Map<string | undefined, number>();
  for (const { member } of vms) {
    const version = member.agent_version ?? undefined;
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return [...counts]
    .map(([version, count]) => ({ version, count }))
    .toSorted((one, other) => {
      if (one.version === undefined || other.version === undefined) {
        return one.version === undefined ? 1 : -1;
      }
      return collator.compare(other.version, one.version);
    });
};

/** Only those that have said what they are: nobody else can be told to become another one. */
export const isUpdatable = ({ member }: FleetVm, offered: string | null | undefined): boolean =>
  offered !== null &&
  offered !== undefined &&
  member.agent_version !== null &&
  member.agent_version !== offered &&
  !member.is_local;
