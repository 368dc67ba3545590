/** On which VMs: those that were named, or those that a selector fits, as far as the actor's rights go. */
import { MAX_RUN_TARGETS, type RunTargets } from '@innkeeper/protocol';
import type { Actor } from '../auth/actor.ts';
import { authorize } from '../auth/authorize.ts';
import type { Problem } from '../http/problem.ts';
import { parseLabelSelector, type LabelSelector } from '../vms/label-selector.ts';
import type { VmRecord, Vms } from '../vms/vm-record.ts';
import { invalid } from './what-to-run.ts';

export type ChosenTargets =
  | { readonly ok: true; readonly vms: readonly VmRecord[]; readonly selector: string | undefined }
  | { readonly ok: false; readonly problem: Problem };

const no = (problem: Problem): ChosenTargets => ({ ok: false, problem });

const byName = (one: VmRecord, other: VmRecord): number => {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
};

const chooseNamed = (
  vms: Pick<Vms, 'get'>,
  actor: Actor,
  ids: readonly string[],
): ChosenTargets => {
  const chosen: VmRecord[] = [];
  for (const id of new Set(ids)) {
    const vm = vms.get(id);
    if (vm === undefined || !authorize(actor, 'run.create', vm)) {
      return no({ status: 404, code: 'vm_not_found', message: `there is no VM ${id}` });
    }
    chosen.push(vm);
  }
  return { ok: true, vms: chosen, selector: undefined };
};

export const chooseTargets = (
  vms: Pick<Vms, 'get' | 'all'>,
  actor: Actor,
  targets: RunTargets,
  /** Of a saved command: where it may run. */
  onlyOn: LabelSelector | undefined,
): ChosenTargets => {
  if ('vm_ids' in targets) {
    const chosen = chooseNamed(vms, actor, targets.vm_ids);
    const misfit = chosen.ok && chosen.vms.find((vm) => onlyOn?.fits(vm.labels) === false);
    if (misfit === false || misfit === undefined) return chosen;
    const message = `the command is only for VMs that ${onlyOn?.text} fits, and ${misfit.name} is none`;
    return no({ status: 422, code: 'command_not_for_vm', message });
  }
  const parsed = parseLabelSelector(targets.selector);
  if (!parsed.ok) return no(invalid('targets.selector', parsed.problem));
  const chosen = [...vms.all()]
    .filter(
      (vm) =>
        parsed.selector.fits(vm.labels) &&
        onlyOn?.fits(vm.labels) !== false &&
        authorize(actor, 'run.create', vm),
    )
    .toSorted(byName);
  if (chosen.length === 0) {
    return no({ status: 422, code: 'no_targets', message: 'the selector fits no VM of yours' });
  }
  if (chosen.length > MAX_RUN_TARGETS) {
    return no(invalid('targets.selector', `fits more than ${MAX_RUN_TARGETS} VMs`));
  }
  return { ok: true, vms: chosen, selector: targets.selector };
};
