/** The registries of VMs and hosts on a database of their own. */
import { recordAudit } from '../../apps/manager/src/audit/audit.ts';
import type { Database } from '../../apps/manager/src/database/database.ts';
import {
  makeHostRegistry,
  type HostRegistry,
} from '../../apps/manager/src/hosts/make-host-registry.ts';
import { makeAddressRules } from '../../apps/manager/src/vms/address-rules.ts';
import { makeChanges, type Changes } from '../../apps/manager/src/vms/changes.ts';
import { defaultGuestNetworks } from '../../apps/manager/src/vms/guest-cidrs.ts';
import { makeSocketRules } from '../../apps/manager/src/vms/socket-rules.ts';
import { makeVmRegistry } from '../../apps/manager/src/vms/make-vm-registry.ts';
import type { RecordAudit, VmRegistry } from '../../apps/manager/src/vms/vm-registry.ts';

export interface Registries {
  readonly vms: VmRegistry;
  readonly hosts: HostRegistry;
  readonly changes: Changes;
}

export interface RegistryHarness extends Registries {
  readonly database: Database;
  /** Reads the same database, like a manager after a restart. */
  anotherManager(): Promise<Registries>;
  failAudit(fails: boolean): void;
  stop(): Promise<void>;
}

export const testClock = { now: () => Date.now(), monotonicMs: () => performance.now() };
export const silentLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Not loaded yet. */
export const makeRegistries = (
  database: Database,
  audit: RecordAudit = recordAudit,
): Registries => {
  const log = silentLog;
  const changes = makeChanges({ database, clock: testClock, log });
  const addressRules = makeAddressRules({
    networks: defaultGuestNetworks('127.0.0.1'),
    listen: () => ({ host: '127.0.0.1', port: 8080 }),
    ownAddresses: () => [],
  });
  const common = { database, changes, recordAudit: audit, addressRules, log };
  const hosts: HostRegistry = makeHostRegistry({
    ...common,
    releaseVms: (transaction, hostId) => vms.releaseHost(transaction, hostId),
  });
  const vms: VmRegistry = makeVmRegistry({
    ...common,
    hosts,
    socketRules: makeSocketRules(['/run']),
  });
  return { vms, hosts, changes };
};

/** Begins with empty tables: a database for each test would be most of its time. */
export const makeRegistryHarness = async (database: Database): Promise<RegistryHarness> => {
  await database.query({ text: 'TRUNCATE vm, host, vm_event, audit CASCADE' });
  let auditFails = false;
  const all: Registries[] = [];
  const open = async (): Promise<Registries> => {
    const registries = makeRegistries(database, async (transaction, record) => {
      if (auditFails) throw new Error('no audit');
      await recordAudit(transaction, record);
    });
    all.push(registries);
    await registries.hosts.load();
    await registries.vms.load();
    return registries;
  };
  const first = await open();
  return {
    ...first,
    database,
    anotherManager: open,
    failAudit: (fails) => {
      auditFails = fails;
    },
    stop: async () => {
      for (const { changes } of all) await changes.stop();
    },
  };
};
