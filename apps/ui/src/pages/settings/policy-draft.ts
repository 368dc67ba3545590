/** The policies of kept logs while somebody changes them: a list, of which the last fits every VM. */
import type { LogPolicy } from '@innkeeper/protocol';

export const MOST_POLICIES = 100;

/** Whom a policy is about. */
export type PolicyKind = 'labels' | 'vm' | 'all';

export const kindOf = ({ selector, vm_id: vmId }: LogPolicy): PolicyKind =>
  vmId !== null ? 'vm' : selector !== null ? 'labels' : 'all';

/** Before the one that fits every VM, behind those that are there. */
export const withNew = (policies: readonly LogPolicy[], kind: 'labels' | 'vm'): LogPolicy[] => {
  const added: LogPolicy = {
    selector: kind === 'labels' ? '' : null,
    vm_id: kind === 'vm' ? '' : null,
    keep: 'info',
    last_words: true,
  };
  return [...policies.slice(0, -1), added, ...policies.slice(-1)];
};

export const withChange = (
  policies: readonly LogPolicy[],
  at: number,
  change: Partial<LogPolicy>,
): LogPolicy[] =>
  policies.map((policy, place) => (place === at ? Object.assign({}, policy, change) : policy));

export const without = (policies: readonly LogPolicy[], at: number): LogPolicy[] =>
  policies.filter((_, place) => place !== at);

/** One place up; the first and the last stay where they are. */
export const moved = (policies: readonly LogPolicy[], at: number): LogPolicy[] => {
  const before = policies[at - 1];
  const policy = policies[at];
  if (before === undefined || policy === undefined || at === policies.length - 1) {
    return [...policies];
  }
  return policies.map((each, place) => {
    if (place === at - 1) return policy;
    return place === at ? before : each;
  });
};

/** The first that says nothing about whom it is; undefined: all do. */
export const unfinished = (policies: readonly LogPolicy[]): number | undefined => {
  const at = policies.findIndex(
    ({ selector, vm_id: vmId }) => selector?.trim() === '' || vmId === '',
  );
  return at === -1 ? undefined : at;
};
