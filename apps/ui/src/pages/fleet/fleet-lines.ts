/** The lines of the table: filtered, grouped, sorted. Pure, so that it can be tested and timed. */
import type { FleetVm } from '../../state/fleet-entries.ts';
import { attentionOf } from './attention.ts';
import { hostPlace } from './host-place.ts';
import type { Facet, FleetQuery, Sort } from './fleet-query.ts';

export type Line =
  | { readonly kind: 'group'; readonly name: string; readonly vms: readonly FleetVm[] }
  | { readonly kind: 'vm'; readonly vm: FleetVm };

export type HostName = (hostId: string | null) => string | undefined;

export const facetOf = ({ row }: FleetVm): Facet => {
  const state = row?.state ?? 'unknown';
  return state === 'up' ? (attentionOf(row) ?? 'up') : state;
};

const NO_HOST = 'no host';
const FACET_ORDER: readonly Facet[] = [
  'critical',
  'warning',
  'stale',
  'degraded',
  'unknown',
  'up',
  'down',
];

/** All that a search looks through. */
const haystack = ({ member }: FleetVm, hostName: HostName): string =>
  [
    member.name,
    member.id,
    member.guest_ip ?? '',
    hostName(member.host_id) ?? '',
    ...Object.entries(member.labels).map(([key, value]) => `${key}=${value}`),
  ]
    .join(' ')
    .toLowerCase();

/** Whether there is anything that some VMs may not fit. */
export const isFiltered = ({ words, facets, origins, hosts, agents }: FleetQuery): boolean =>
  words.length > 0 || [facets, origins, hosts, agents].some(({ size }) => size > 0);

export const fits = (vm: FleetVm, query: FleetQuery, hostName: HostName): boolean => {
  if (query.hosts.size > 0 && !query.hosts.has(hostPlace(vm.member) ?? '')) return false;
  if (query.facets.size > 0 && !query.facets.has(facetOf(vm))) return false;
  if (query.origins.size > 0 && !query.origins.has(vm.row?.origin ?? 'none')) return false;
  const agent = vm.member.agent_version ?? 'unknown';
  if (query.agents.size > 0 && !query.agents.has(agent)) return false;
  if (query.words.length === 0) return true;
  const text = haystack(vm, hostName);
  return query.words.every((word) => text.includes(word));
};

const diskOf = ({ row }: FleetVm): number | null => {
  if (row === undefined || row.diskReadBytesPerSecond === null) return null;
  return row.diskReadBytesPerSecond + (row.diskWriteBytesPerSecond ?? 0);
};

const VALUES = {
  attention: (vm) => FACET_ORDER.indexOf(facetOf(vm)),
  name: () => 0,
  cpu: ({ row }) => row?.cpuUsagePercent ?? null,
  memory: ({ row }) => row?.memoryUsagePercent ?? null,
  rx: ({ row }) => row?.networkRxBytesPerSecond ?? null,
  tx: ({ row }) => row?.networkTxBytesPerSecond ?? null,
  disk: diskOf,
  uptime: ({ row }) => row?.uptimeSeconds ?? null,
} as const satisfies Readonly<Record<Sort, (vm: FleetVm) => number | null>>;

const collator = new Intl.Collator('en', { numeric: true });

/** Unknown stands last whichever way the rest is sorted; equals stand by name. */
const sorted = (vms: readonly FleetVm[], { sort, descending }: FleetQuery): FleetVm[] => {
  const sign = descending ? -1 : 1;
  const keyed = vms.map((vm) => ({ vm, value: VALUES[sort](vm) }));
  keyed.sort((one, other) => {
    if (one.value !== other.value) {
      if (one.value === null) return 1;
      if (other.value === null) return -1;
      return (one.value - other.value) * sign;
    }
    const byName = collator.compare(one.vm.member.name, other.vm.member.name);
    return sort === 'name' ? byName * sign : byName;
  });
  return keyed.map(({ vm }) => vm);
};

const groupName = (vm: FleetVm, group: string, hostName: HostName): string => {
  if (group.startsWith('label:')) {
    const { labels } = vm.member;
    const key = group.slice('label:'.length);
    return Object.hasOwn(labels, key) ? `${key}=${labels[key] ?? ''}` : `no ${key}`;
  }
  if (vm.member.is_local) return 'this machine';
  return hostName(vm.member.host_id) ?? NO_HOST;
};

export const makeLines = (
  vms: readonly FleetVm[],
  query: FleetQuery,
  hostName: HostName,
  collapsed: ReadonlySet<string>,
): readonly Line[] => {
  const { group } = query;
  const shown = sorted(
    vms.filter((vm) => fits(vm, query, hostName)),
    query,
  );
  if (group === undefined) return shown.map((vm) => ({ kind: 'vm', vm }));
  const groups = new Map<string, FleetVm[]>();
  for (const vm of shown) {
    const name = groupName(vm, group, hostName);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [vm]);
    else members.push(vm);
  }
  const isUrgent = (name: string): boolean =>
    query.sort === 'attention' && (groups.get(name) ?? []).some((vm) => facetOf(vm) === 'critical');
  const names = [...groups.keys()].sort(
    (one, other) => Number(isUrgent(other)) - Number(isUrgent(one)) || collator.compare(one, other),
  );
  const lines: Line[] = [];
  for (const name of names) {
    const members = groups.get(name) ?? [];
    lines.push({ kind: 'group', name, vms: members });
    if (!collapsed.has(name)) for (const vm of members) lines.push({ kind: 'vm', vm });
  }
  return lines;
};
