/** The hosts in memory, and those who want to know of changes. */
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../log.ts';
import type { HostRecord, Hosts } from './host-record.ts';

type HostChange = Parameters<Parameters<Hosts['onChange']>[0]>[0];

export interface HostCache extends Hosts {
  /** There are tens of hosts, not thousands. */
  find(fits: (host: HostRecord) => boolean): HostRecord | undefined;
  put(host: HostRecord): void;
  remove(id: string): void;
  replaceAll(hosts: readonly HostRecord[]): void;
}

export const makeHostCache = ({ log }: { readonly log: Log }): HostCache => {
  const byId = new Map<string, HostRecord>();
  const listeners = new Set<(change: HostChange) => void>();

  const tell = (change: HostChange): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error('a listener to host changes failed', { host_id: change.host.id, error });
      }
    }
  };

  const put = (host: HostRecord): void => {
    const kind = byId.has(host.id) ? 'changed' : 'added';
    byId.set(host.id, host);
    tell({ kind, host });
  };

  const remove = (id: string): void => {
    const host = byId.get(id);
    if (host === undefined) return;
    byId.delete(id);
    tell({ kind: 'removed', host });
  };

  return {
    all: () => byId.values(),
    get: (id) => byId.get(id) ?? byId.get(id.toLowerCase()),
    find: (fits) => [...byId.values()].find(fits),
    put,
    remove,
    replaceAll: (hosts) => {
      const ids = new Set(hosts.map(({ id }) => id));
      for (const id of byId.keys()) if (!ids.has(id)) remove(id);
      for (const host of hosts) if (!isDeepStrictEqual(host, byId.get(host.id))) put(host);
    },
    onChange: (listener) => {
      const own = (change: HostChange): void => {
        listener(change);
      };
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
};
