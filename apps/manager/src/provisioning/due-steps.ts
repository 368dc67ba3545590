/** Which scripts run on a VM now, and in which order: the guest's own, then the manager's. */
import type { ProvisionScript } from '@innkeeper/protocol';
import { parseLabelSelector } from '../vms/label-selector.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { Candidate } from './sql/get-candidates.ts';

export interface NewStep {
  readonly source: 'manager' | 'guest';
  /** Under this the manager and the guest know that it has run; see `once` of the agent's `/exec`. */
  readonly scriptKey: string;
  readonly name: string;
  readonly when: ProvisionScript['when'];
  readonly again: boolean;
  readonly guestFile:
    | {
        readonly path: string;
        readonly isExecutable: boolean;
        readonly sha256: string | undefined;
        readonly refused: string | undefined;
      }
    | undefined;
}

/** Undefined: a boot asks. */
export type Wish = { readonly scriptIds: ReadonlySet<string> | undefined; readonly again: boolean };

export interface Situation {
  readonly vm: Pick<VmRecord, 'id' | 'labels' | 'isLocal'>;
  readonly candidates: readonly Candidate[];
  readonly guestScripts: readonly ProvisionScript[];
  readonly done: ReadonlySet<string>;
  /** Scripts for the first boot that were made later are not for this VM, unless somebody asks. */
  readonly firstSeenAt: number;
  readonly wish: Wish | undefined;
}

const guestKeyOf = (name: string): string => `guest-${name}`;

/** A selector does not reach the manager's own machine: whoever means that names it. */
export const isFor = (
  { id, labels, isLocal }: Situation['vm'],
  { vm_id: vmId, selector }: Pick<Candidate, 'vm_id' | 'selector'>,
): boolean => {
  if (vmId !== null) return vmId === id;
  if (isLocal || selector === null) return false;
  if (selector.trim() === '') return true;
  const parsed = parseLabelSelector(selector);
  return parsed.ok && parsed.selector.fits(labels);
};

export const dueSteps = (situation: Situation): readonly NewStep[] => {
  const { vm, candidates, guestScripts, done, firstSeenAt, wish } = situation;
  const again = wish !== undefined && (wish.again || wish.scriptIds !== undefined);

  const isDue = (candidate: Candidate): boolean => {
    if (wish?.scriptIds !== undefined) return wish.scriptIds.has(candidate.id);
    if (!candidate.enabled) return false;
    if (candidate.when === 'every_boot' || again) return true;
    if (done.has(candidate.id)) return false;
    return wish !== undefined || candidate.created_at <= firstSeenAt;
  };

  const isGuestScriptDue = ({ name, when }: ProvisionScript): boolean =>
    wish?.scriptIds === undefined &&
    !vm.isLocal &&
    (when === 'every_boot' || again || !done.has(guestKeyOf(name)));

  return [
    ...guestScripts.filter(isGuestScriptDue).map((script): NewStep => ({
      source: 'guest',
      scriptKey: guestKeyOf(script.name),
      name: script.name,
      when: script.when,
      again,
      guestFile: {
        path: script.path,
        isExecutable: script.executable,
        sha256: script.sha256 ?? undefined,
        refused: script.refused ?? undefined,
      },
    })),
    ...candidates
      .filter((candidate) => isFor(vm, candidate) && isDue(candidate))
      .map(({ id, name, when }): NewStep => ({
        source: 'manager',
        scriptKey: id,
        name,
        when,
        again,
        guestFile: undefined,
      })),
  ];
};
