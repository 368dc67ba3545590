/** What the manager tells of itself, `GET /v1/manager`, from its parts. */
import type { ManagerFacts } from '../about/manager-route.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Retention } from '../store/tiers.ts';
import { formatNetwork, type Network } from '../vms/guest-address.ts';

export interface ManagerFactsOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly keyring: Pick<Keyring, 'publicKeys'>;
  readonly store: { readonly keepMs: Retention };
  readonly networks: readonly Network[];
  readonly stored: { readonly embedded: boolean; readonly version: string };
}

export const makeManagerFacts = (options: ManagerFactsOptions): ManagerFacts => {
  const { settings, version, clock, keyring, store, networks, stored } = options;
  return {
    version,
    started_at: clock.now(),
    pull_interval_ms: settings.pullIntervalMs,
    keep_ms: store.keepMs,
    keep_processes_ms: settings.keepProcessesMs,
    guest_networks: networks.map(formatNetwork),
    public_url: settings.publicUrl?.origin ?? null,
    public_keys: () => [...keyring.publicKeys()],
    database: { embedded: stored.embedded, version: stored.version },
  };
};
