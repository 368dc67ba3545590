/**
 * The registry of hosts. Like that of VMs: Postgres has the truth, memory has all of it, and every
 * change is one transaction with its audit row.
 */
import type { HostCreate, HostPatch } from '@innkeeper/protocol';
import type { Database } from '../database/database.ts';
import { refuse } from '../http/problem.ts';
import type { Log } from '../log.ts';
import type { Changes } from '../vms/changes.ts';
import type { ChangedBy, Outcome } from '../vms/outcome.ts';
import { violatedConstraint } from '../vms/violated-constraint.ts';
import { makeHostCache } from './host-cache.ts';
import {
  HostVanished,
  makeHostPlans,
  type HostPlan,
  type HostPlansOptions,
  type LocalHost,
} from './host-plans.ts';
import { HOST_NOT_FOUND, hostAddressTaken, hostNameTaken } from './host-problems.ts';
import type { HostRecord, Hosts } from './host-record.ts';
import { planTlsPin } from './plan-tls-pin.ts';
import { selectHosts } from './sql/select-hosts.ts';

export interface HostRegistry extends Hosts {
  /** Reads everything from Postgres. Before the VMs, which name hosts. */
  load(): Promise<void>;
  local(): HostRecord | undefined;
  create(by: ChangedBy, host: HostCreate): Promise<Outcome<HostRecord>>;
  patch(by: ChangedBy, id: string, patch: HostPatch): Promise<Outcome<HostRecord>>;
  remove(by: ChangedBy, id: string): Promise<Outcome<HostRecord>>;
  /** Its agent, which is enrolled, encrypts from now on, or has another key, or encrypts no more. */
  setTlsPin(by: ChangedBy, id: string, tlsPin: string | undefined): Promise<Outcome<HostRecord>>;
  /** Registers this machine, or says where its agent listens this time. */
  ensureLocal(local: LocalHost): Promise<HostRecord>;
}

export interface HostRegistryOptions extends Omit<HostPlansOptions, 'cache'> {
  readonly database: Database;
  readonly changes: Changes;
  readonly log: Log;
}

export const makeHostRegistry = (options: HostRegistryOptions): HostRegistry => {
  const { database, changes, recordAudit, addressRules, releaseVms, log } = options;
  const cache = makeHostCache({ log });

  const load = async (): Promise<void> => {
    cache.replaceAll(await selectHosts(database));
  };
  changes.onDoubt(load);

  const plans = makeHostPlans({ cache, addressRules, recordAudit, releaseVms });

  const run = async (
    plan: () => HostPlan,
    wanted: { readonly name?: string | undefined; readonly address?: string | undefined },
  ): Promise<Outcome<HostRecord>> => {
    try {
      return await changes.change(plan);
    } catch (error) {
      if (error instanceof HostVanished) {
        changes.doubt();
        return refuse(HOST_NOT_FOUND);
      }
      switch (violatedConstraint(error)) {
        case 'host_name_key':
          return refuse(hostNameTaken(wanted.name ?? ''));
        case 'host_address':
          return refuse(hostAddressTaken(wanted.address ?? 'this address', 0));
        default:
          throw error;
      }
    }
  };

  return {
    all: () => cache.all(),
    get: (id) => cache.get(id),
    onChange: (listener) => cache.onChange(listener),
    local: () => cache.find(({ isLocal }) => isLocal),
    load,
    create: async (by, host) => run(() => plans.planCreate(by, host), host),
    patch: async (by, id, patch) => run(() => plans.planPatch(by, id, patch), patch),
    remove: async (by, id) => run(() => plans.planRemove(by, id), {}),
    setTlsPin: async (by, id, tlsPin) =>
      run(() => planTlsPin({ cache, recordAudit }, by, id, tlsPin), {}),
    ensureLocal: async (local) => {
      const ensured = await run(() => plans.planLocal(local), local);
      if (!ensured.ok) throw new Error(`the local host: ${ensured.problem.message}`);
      return ensured.value;
    },
  };
};
