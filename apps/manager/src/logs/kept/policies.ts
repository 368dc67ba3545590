/** What is kept of which VM: a list in its order, in memory, written through Postgres. */
import type { LogPolicy } from '@innkeeper/protocol';
import { recordAudit } from '../../audit/audit.ts';
import type { Database } from '../../database/database.ts';
import { parseLabelSelector, type LabelSelector } from '../../vms/label-selector.ts';
import type { ChangedBy } from '../../vms/outcome.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import { getLogPolicies } from './sql/get-log-policies.ts';
import { replaceLogPolicies } from './sql/replace-log-policies.ts';

export interface LogPolicyStore {
  /** Reads them from Postgres; throws where that fails. */
  load(): Promise<void>;
  list(): readonly LogPolicy[];
  policyOf(vm: Pick<VmRecord, 'id' | 'labels'>): LogPolicy;
  replace(by: ChangedBy, policies: readonly LogPolicy[]): Promise<void>;
  /** Calls back after each change; the answer ends it. */
  onChange(listener: () => void): () => void;
}

export const DEFAULT_POLICY: LogPolicy = {
  selector: null,
  vm_id: null,
  keep: 'warn',
  last_words: true,
};

interface Parsed {
  readonly policy: LogPolicy;
  /** Undefined: it does not ask for labels. */
  readonly selector: LabelSelector | undefined;
}

/** One that another release could read and this one cannot fits no VM. */
const FITS_NONE: LabelSelector = { text: '', fits: () => false };

const parse = (policy: LogPolicy): Parsed => {
  if (policy.selector === null) return { policy, selector: undefined };
  const parsed = parseLabelSelector(policy.selector);
  return { policy, selector: parsed.ok ? parsed.selector : FITS_NONE };
};

const fits = ({ policy, selector }: Parsed, vm: Pick<VmRecord, 'id' | 'labels'>): boolean =>
  (policy.vm_id === null || policy.vm_id === vm.id) &&
  (selector === undefined || selector.fits(vm.labels));

export const makeLogPolicies = (database: Database): LogPolicyStore => {
  let policies: readonly Parsed[] = [parse(DEFAULT_POLICY)];
  const listeners = new Set<() => void>();

  const show = (found: readonly LogPolicy[]): void => {
    policies = (found.length === 0 ? [DEFAULT_POLICY] : found).map(parse);
    for (const listener of listeners) listener();
  };

  return {
    load: async () => show(await getLogPolicies(database)),
    list: () => policies.map(({ policy }) => policy),
    policyOf: (vm) => policies.find((policy) => fits(policy, vm))?.policy ?? DEFAULT_POLICY,
    replace: async (by, wanted) => {
      const before = policies.map(({ policy }) => policy);
      await database.transaction(async (transaction) => {
        await replaceLogPolicies(transaction, wanted);
        await recordAudit(transaction, {
          ...by,
          action: 'logs.configure',
          target: undefined,
          detail: { before, after: wanted },
        });
      });
      show(wanted);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
