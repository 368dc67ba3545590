/** What the address says about the fleet page: filters, order, groups, selection. */
import type { Origin } from '@innkeeper/protocol';
import { formatSelection, parseSelection } from '../../state/selection.ts';

export const FACETS = [
  'critical',
  'warning',
  'up',
  'degraded',
  'stale',
  'down',
  'unknown',
] as const;
export type Facet = (typeof FACETS)[number];

export const SORTS = ['attention', 'name', 'cpu', 'memory', 'rx', 'tx', 'disk', 'uptime'] as const;
export type Sort = (typeof SORTS)[number];

export interface FleetQuery {
  /** In lower case, by words: each has to be found. */
  readonly words: readonly string[];
  readonly facets: ReadonlySet<Facet>;
  readonly origins: ReadonlySet<Origin>;
  /** Ids of hosts, and `local` for the manager's own machine; empty: all. */
  readonly hosts: ReadonlySet<string>;
  /** Versions of agents, `unknown` for those that never said theirs; empty: all. */
  readonly agents: ReadonlySet<string>;
  readonly sort: Sort;
  readonly descending: boolean;
  /** `host`, `label:<key>`, or undefined for one list. */
  readonly group: string | undefined;
  /** Keys of the selected VMs. */
  readonly selected: ReadonlySet<number>;
}

const ORIGINS: readonly Origin[] = ['guest', 'host', 'none'];
const DEFAULT_GROUP = 'host';

const listOf = <Word extends string>(text: string | null, words: readonly Word[]): Set<Word> => {
  const asked = new Set((text ?? '').split(','));
  return new Set(words.filter((word) => asked.has(word)));
};

/** What grows from quiet to busy is asked for from its busy end. */
const startsDescending = (sort: Sort): boolean => sort !== 'name' && sort !== 'attention';

export const parseFleetQuery = (query: URLSearchParams): FleetQuery => {
  const sort = SORTS.find((name) => name === query.get('sort')) ?? 'attention';
  const group = query.get('group') ?? DEFAULT_GROUP;
  const direction = query.get('dir');
  return {
    words: (query.get('q') ?? '').toLowerCase().split(/\s+/u).filter(Boolean),
    facets: listOf(query.get('state'), FACETS),
    origins: listOf(query.get('source'), ORIGINS),
    hosts: new Set((query.get('host') ?? '').split(',').filter(Boolean)),
    agents: new Set((query.get('agent') ?? '').split(',').filter(Boolean)),
    sort,
    descending: direction === null ? startsDescending(sort) : direction === 'desc',
    group: group === 'none' ? undefined : group,
    selected: parseSelection(query.get('sel')),
  };
};

/** The parameters that a click on a column's head asks for. */
export const sortChange = (query: FleetQuery, sort: Sort): Record<string, string | null> => {
  const again = query.sort === sort;
  const descending = again ? !query.descending : startsDescending(sort);
  return {
    sort: sort === 'attention' ? null : sort,
    dir: descending === startsDescending(sort) ? null : descending ? 'desc' : 'asc',
  };
};

/** Adds a word to a comma list, or takes it away. */
export const toggled = (words: ReadonlySet<string>, word: string): string | null => {
  const changed = new Set(words);
  if (!changed.delete(word)) changed.add(word);
  return changed.size === 0 ? null : [...changed].join(',');
};

export const selectionChange = (keys: ReadonlySet<number>): Record<string, string | null> => ({
  sel: formatSelection(keys),
});
