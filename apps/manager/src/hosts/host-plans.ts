/** What each change of a host checks and writes. */
import { isDeepStrictEqual } from 'node:util';
import type { HostCreate, HostPatch } from '@innkeeper/protocol';
import type { Queryable } from '../database/database.ts';
import { refuse } from '../http/problem.ts';
import type { AddressRules } from '../vms/address-rules.ts';
import type { Plan } from '../vms/changes.ts';
import { freeName } from '../vms/free-name.ts';
import type { ChangedBy, Outcome } from '../vms/outcome.ts';
import type { RecordAudit } from '../vms/vm-registry.ts';
import type { HostCache } from './host-cache.ts';
import { HOST_NOT_FOUND, hostAddressTaken, hostNameTaken, LOCAL_HOST } from './host-problems.ts';
import type { HostRecord } from './host-record.ts';
import { deleteHost } from './sql/delete-host.ts';
import { insertHost, type HostToInsert } from './sql/insert-host.ts';
import { updateHost } from './sql/update-host.ts';

export interface LocalHost {
  /** When it is first registered; people may rename it. */
  readonly name: string;
  readonly address: string;
  readonly agentPort: number;
  readonly agentId: string;
}

export interface HostPlansOptions {
  readonly cache: HostCache;
  readonly recordAudit: RecordAudit;
  readonly addressRules: AddressRules;
  /** In the transaction that removes a host; what it answers shows its VMs without one. */
  readonly releaseVms: (transaction: Queryable, hostId: string) => Promise<() => void>;
}

export type HostPlan = Plan<Outcome<HostRecord>>;
const settled = (value: Outcome<HostRecord>): HostPlan => ({ kind: 'settled', value });

const BY_MANAGER = { actor: undefined, request: undefined };

/** Somebody has deleted the row in Postgres, past the manager. */
export class HostVanished extends Error {
  override readonly name = 'HostVanished';
}

/** The fields that differ, as the audit tells them. */
const differences = (before: HostRecord, after: HostRecord): Record<string, unknown> => {
  const told = (host: HostRecord) => ({
    name: host.name,
    address: host.address,
    agent_port: host.agentPort,
    agent_id: host.agentId,
    labels: host.labels,
  });
  const to = new Map<string, unknown>(Object.entries(told(after)));
  return Object.fromEntries(
    Object.entries(told(before))
      .filter(([field, value]) => !isDeepStrictEqual(value, to.get(field)))
      .map(([field, value]) => [field, { from: value, to: to.get(field) }]),
  );
};

export const auditHost = async (
  recordAudit: RecordAudit,
  transaction: Queryable,
  by: ChangedBy,
  action: string,
  host: HostRecord,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> =>
  recordAudit(transaction, {
    actor: by.actor,
    action,
    target: { kind: 'host', id: host.id, name: host.name },
    detail,
    request: by.request,
  });

export const makeHostPlans = (options: HostPlansOptions) => {
  const { cache, recordAudit, addressRules, releaseVms } = options;

  /** Why there cannot be such a host beside the others. */
  const collision = (
    wanted: Pick<HostRecord, 'name' | 'address' | 'agentPort'>,
    own: string | undefined,
  ) => {
    const { name, address, agentPort } = wanted;
    const others = (fits: (host: HostRecord) => boolean) =>
      cache.find((host) => host.id !== own && fits(host)) !== undefined;
    if (others((host) => host.name === name)) return hostNameTaken(name);
    return others((host) => host.address === address && host.agentPort === agentPort)
      ? hostAddressTaken(address, agentPort)
      : undefined;
  };

  const insert = (by: ChangedBy, host: HostToInsert): HostPlan => ({
    kind: 'write',
    work: async (transaction) => {
      const value = await insertHost(transaction, host);
      const { address, agentPort, agentId, isLocal } = value;
      const detail = { address, agent_port: agentPort, agent_id: agentId, local: isLocal };
      await auditHost(recordAudit, transaction, by, 'host.create', value, detail);
      return { value: { ok: true, value }, apply: () => cache.put(value) };
    },
  });

  const update = (
    wanted: HostRecord,
    note: ((transaction: Queryable, host: HostRecord) => Promise<void>) | undefined,
  ): HostPlan => ({
    kind: 'write',
    work: async (transaction) => {
      const value = await updateHost(transaction, wanted);
      if (value === undefined) throw new HostVanished(`host ${wanted.id} has vanished`);
      await note?.(transaction, value);
      return { value: { ok: true, value }, apply: () => cache.put(value) };
    },
  });

  const planCreate = (by: ChangedBy, body: HostCreate): HostPlan => {
    const checked = addressRules.check('address', body.address, body.agent_port);
    if (!checked.ok) return settled(checked);
    const { name, agent_port: agentPort, agent_id: agentId, labels } = body;
    const host = { name, address: checked.address, agentPort, agentId, labels, isLocal: false };
    const problem = collision(host, undefined);
    return problem === undefined ? insert(by, host) : settled(refuse(problem));
  };

  const planPatch = (by: ChangedBy, id: string, patch: HostPatch): HostPlan => {
    const before = cache.get(id);
    if (before === undefined) return settled(refuse(HOST_NOT_FOUND));
    const agentPort = patch.agent_port ?? before.agentPort;
    const isMoved = patch.address !== undefined || agentPort !== before.agentPort;
    const checked = isMoved
      ? addressRules.check('address', patch.address ?? before.address, agentPort)
      : undefined;
    const wanted: HostRecord = {
      ...before,
      name: patch.name ?? before.name,
      address: checked?.ok === true ? checked.address : before.address,
      agentPort,
      agentId: patch.agent_id ?? before.agentId,
      labels: patch.labels ?? before.labels,
    };
    if (checked?.ok === false && !before.isLocal) return settled(checked);
    const changed = differences(before, wanted);
    const isFixed = ['address', 'agent_port', 'agent_id'].some((field) => field in changed);
    if (before.isLocal && (isFixed || checked?.ok === false)) return settled(refuse(LOCAL_HOST));
    if (Object.keys(changed).length === 0) return settled({ ok: true, value: before });
    const problem = collision(wanted, before.id);
    if (problem !== undefined) return settled(refuse(problem));
    return update(wanted, (transaction, host) =>
      auditHost(recordAudit, transaction, by, 'host.update', host, changed),
    );
  };

  const planRemove = (by: ChangedBy, id: string): HostPlan => {
    const host = cache.get(id);
    if (host === undefined) return settled(refuse(HOST_NOT_FOUND));
    if (host.isLocal) return settled(refuse(LOCAL_HOST));
    return {
      kind: 'write',
      work: async (transaction) => {
        // First, so that its VMs are known: the foreign key would clear them without a word.
        const showReleased = await releaseVms(transaction, host.id);
        await deleteHost(transaction, host.id);
        await auditHost(recordAudit, transaction, by, 'host.delete', host, {
          address: host.address,
        });
        return {
          value: { ok: true, value: host },
          apply: () => {
            showReleased();
            cache.remove(host.id);
          },
        };
      },
    };
  };

  const planLocal = (local: LocalHost): HostPlan => {
    const known = cache.find(({ isLocal }) => isLocal);
    const { name, address, agentPort, agentId } = local;
    if (known === undefined) {
      // Somebody may have given the name to another machine.
      const isTaken = (one: string) => cache.find((host) => host.name === one) !== undefined;
      const free = freeName(name, isTaken) ?? name;
      return insert(BY_MANAGER, {
        name: free,
        address,
        agentPort,
        agentId,
        labels: {},
        isLocal: true,
      });
    }
    const wanted = { ...known, address, agentPort, agentId };
    return isDeepStrictEqual(wanted, known)
      ? settled({ ok: true, value: known })
      : update(wanted, undefined);
  };

  return { planCreate, planPatch, planRemove, planLocal };
};
