/**
 * The latest answer of each host, and of which VM each VMM in it is. Matching is done anew only
 * where an answer, or a VM that one of its VMMs may be, has changed, and when somebody asks.
 */
import { isDeepStrictEqual } from 'node:util';
import type { PullFailure } from '../pull/pull-result.ts';
import type { VmChange, VmRecord, Vms } from '../vms/vm-record.ts';
import type { HostAnswer, WatchedHost } from './host-answer.ts';
import type { HostRecord, Hosts } from './host-record.ts';
import { matchVmms, type Matches } from './match-vmms.ts';
import { makeVmIndex, termsOf, type VmIndex } from './vm-index.ts';

export interface WatchedHosts {
  readonly index: Pick<VmIndex<VmRecord>, 'get' | 'onHost'>;
  /** Undefined: there is no such host. Its matches are of now. */
  get(hostId: string): WatchedHost | undefined;
  /** False: the host is not the one that was asked any more. */
  isSame(host: HostRecord): boolean;
  answer(hostId: string, answer: HostAnswer): void;
  fail(hostId: string, failure: PullFailure): void;
  /** Hosts that see a VM which has no host. */
  claiming(vmId: string): readonly string[];
  /** On which host a VM was last seen, as long as it is looked for in the same way. */
  lastSeenOn(vmId: string): string | undefined;
  stop(): void;
}

const NO_MATCHES: Matches = { matched: new Map(), ambiguous: new Map(), unclaimed: [] };

const isSameAgent = (one: HostRecord, other: HostRecord): boolean =>
  one.address === other.address &&
  one.agentPort === other.agentPort &&
  one.agentId === other.agentId;

/** A VM whose VMM is described in another way has not been seen in that way yet. */
const isSoughtAlike = (one: VmRecord, other: VmRecord): boolean =>
  one.hostId === other.hostId && isDeepStrictEqual(one.vmm, other.vmm);

export interface WatchedHostsOptions {
  readonly vms: Pick<Vms, 'all' | 'onChange'>;
  readonly hosts: Pick<Hosts, 'all' | 'onChange'>;
}

export const makeWatchedHosts = ({ vms, hosts }: WatchedHostsOptions): WatchedHosts => {
  const index = makeVmIndex<VmRecord>();
  const watched = new Map<string, WatchedHost>();
  /** At most one for each registered VM. */
  const lastSeen = new Map<string, string>();
  const claims = new Map<string, Set<string>>();
  /** Hosts whose matches are not of now. */
  const outdated = new Set<string>();

  const idsIn = ({ matched, ambiguous }: Matches): string[] => [
    ...matched.keys(),
    ...ambiguous.keys(),
  ];

  const unclaim = (hostId: string, matches: Matches): void => {
    for (const vmId of idsIn(matches)) {
      const claiming = claims.get(vmId);
      claiming?.delete(hostId);
      if (claiming?.size === 0) claims.delete(vmId);
    }
  };

  const claim = (hostId: string, matches: Matches): void => {
    for (const vmId of idsIn(matches)) {
      if (index.get(vmId)?.hostId !== undefined) continue;
      const claiming = claims.get(vmId) ?? new Set();
      claims.set(vmId, claiming.add(hostId));
    }
  };

  const matchOutdated = (): void => {
    for (const hostId of outdated) {
      const entry = watched.get(hostId);
      if (entry === undefined) continue;
      unclaim(hostId, entry.matches);
      const matches = matchVmms(entry.answer?.stats.vms ?? [], index, hostId);
      for (const vmId of matches.matched.keys()) lastSeen.set(vmId, hostId);
      claim(hostId, matches);
      watched.set(hostId, { ...entry, matches });
    }
    outdated.clear();
  };

  const watch = (host: HostRecord): void => {
    const known = watched.get(host.id);
    const matches = known?.matches ?? NO_MATCHES;
    watched.set(host.id, { host, answer: undefined, failure: undefined, matches });
    outdated.add(host.id);
  };

  /** Where the VM may be, or may have been, one of the VMMs. */
  const outdateFor = (vm: VmRecord): void => {
    const terms = termsOf(vm);
    const ids = vm.hostId === undefined ? watched.keys() : [vm.hostId];
    for (const hostId of ids) {
      const known = watched.get(hostId)?.answer?.terms;
      if (known !== undefined && terms.some((term) => known.has(term))) outdated.add(hostId);
    }
  };

  const stopWatchingVms = vms.onChange((change: VmChange) => {
    const { vm } = change;
    if (change.kind === 'removed') index.remove(vm);
    else index.add(vm);
    outdateFor(vm);
    if (change.kind === 'changed') outdateFor(change.before);
    const isSought =
      change.kind === 'added' || (change.kind === 'changed' && isSoughtAlike(change.before, vm));
    if (!isSought) lastSeen.delete(vm.id);
  });

  const stopWatchingHosts = hosts.onChange(({ kind, host }) => {
    const known = watched.get(host.id);
    if (kind === 'removed') {
      if (known !== undefined) unclaim(host.id, known.matches);
      watched.delete(host.id);
      outdated.delete(host.id);
    } else if (known !== undefined && isSameAgent(known.host, host)) {
      watched.set(host.id, { ...known, host });
    } else {
      watch(host);
    }
  });

  for (const vm of vms.all()) index.add(vm);
  for (const host of hosts.all()) watch(host);

  const update = (hostId: string, fields: Partial<WatchedHost>): void => {
    const known = watched.get(hostId);
    if (known !== undefined) watched.set(hostId, { ...known, ...fields });
  };

  return {
    index,
    get: (hostId) => {
      if (outdated.size > 0) matchOutdated();
      return watched.get(hostId);
    },
    isSame: (host) => {
      const known = watched.get(host.id);
      return known !== undefined && isSameAgent(known.host, host);
    },
    answer: (hostId, answer) => {
      update(hostId, { answer, failure: undefined });
      outdated.add(hostId);
    },
    fail: (hostId, failure) => {
      update(hostId, { failure });
    },
    claiming: (vmId) => {
      if (outdated.size > 0) matchOutdated();
      return [...(claims.get(vmId) ?? [])];
    },
    lastSeenOn: (vmId) => lastSeen.get(vmId),
    stop: () => {
      stopWatchingVms();
      stopWatchingHosts();
    },
  };
};
