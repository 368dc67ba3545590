/** VMs and hosts: loaded from Postgres, changed through one queue. */
import { networkInterfaces } from 'node:os';
import { recordAudit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { ListenAddress } from '../config/listen-address.ts';
import type { Database } from '../database/database.ts';
import { makeHostRegistry, type HostRegistry } from '../hosts/make-host-registry.ts';
import type { Log } from '../log.ts';
import { makeAddressRules, type AddressRules } from '../vms/address-rules.ts';
import { makeChanges } from '../vms/changes.ts';
import type { Network } from '../vms/guest-address.ts';
import { defaultGuestNetworks, parseGuestCidrs } from '../vms/guest-cidrs.ts';
import { makeSocketRules } from '../vms/socket-rules.ts';
import { makeVmRegistry } from '../vms/make-vm-registry.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import { misconfigured, type StartProblem } from './problem.ts';
import type { Releasers } from './releasers.ts';

export interface Registry {
  readonly vms: VmRegistry;
  readonly hosts: HostRegistry;
  readonly addressRules: AddressRules;
}

export interface RegistryOptions {
  readonly database: Database;
  readonly networks: readonly Network[];
  readonly socketDirs: readonly string[];
  /** Asked at each check: the port is known once the manager listens. */
  readonly listen: () => ListenAddress;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

/** Where agents may be. */
export type AllowedPlaces = Pick<RegistryOptions, 'networks' | 'socketDirs'>;

export const readAllowedPlaces = (
  settings: Pick<Settings, 'guestCidrs' | 'listen' | 'socketDirs'>,
  log: Log,
): ({ readonly ok: true } & AllowedPlaces) | StartProblem => {
  const { socketDirs } = settings;
  if (settings.guestCidrs === undefined) {
    return { ok: true, networks: defaultGuestNetworks(settings.listen.host), socketDirs };
  }
  const parsed = parseGuestCidrs(settings.guestCidrs);
  if (!parsed.ok) return misconfigured(`INNKEEPER_GUEST_CIDRS ${parsed.problem}`);
  for (const warning of parsed.warnings) {
    log.warn('a guest network has no full effect', { warning });
  }
  return { ok: true, networks: parsed.networks, socketDirs };
};

const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );

export const startRegistry = async (options: RegistryOptions): Promise<Registry> => {
  const { database, networks, socketDirs, listen, clock, log, releasers } = options;
  const changes = makeChanges({ database, clock, log });
  releasers.add('changes of the registry', async () => changes.stop());
  const addressRules = makeAddressRules({ networks, listen, ownAddresses });
  const shared = { database, changes, recordAudit, addressRules, log };
  const hosts = makeHostRegistry({
    ...shared,
    releaseVms: async (transaction, hostId) => vms.releaseHost(transaction, hostId),
  });
  const vms = makeVmRegistry({ ...shared, hosts, socketRules: makeSocketRules(socketDirs) });
  await hosts.load();
  await vms.load();
  return { vms, hosts, addressRules };
};
