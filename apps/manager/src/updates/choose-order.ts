/** Which VMs come first: a number of them, or those that a selector fits. */
import type { UpdateCreate } from '@innkeeper/protocol';
import type { Problem } from '../http/problem.ts';
import { invalid } from '../runs/what-to-run.ts';
import { parseLabelSelector } from '../vms/label-selector.ts';
import type { VmRecord } from '../vms/vm-record.ts';

export type Ordered =
  | {
      readonly ok: true;
      readonly vms: readonly VmRecord[];
      /** How many of them are canaries. */
      readonly canary: number | undefined;
    }
  | { readonly ok: false; readonly problem: Problem };

export const chooseOrder = (vms: readonly VmRecord[], canary: UpdateCreate['canary']): Ordered => {
  if (canary === undefined || typeof canary === 'number') return { ok: true, vms, canary };
  const parsed = parseLabelSelector(canary.selector);
  if (!parsed.ok) return { ok: false, problem: invalid('canary.selector', parsed.problem) };
  const first = vms.filter(({ labels }) => parsed.selector.fits(labels));
  if (first.length === 0) {
    const message = 'the selector of canaries fits none of the VMs that are to be updated';
    return { ok: false, problem: { status: 422, code: 'no_canaries', message } };
  }
  const chosen = new Set(first);
  const rest = vms.filter((vm) => !chosen.has(vm));
  return { ok: true, vms: [...first, ...rest], canary: first.length };
};
