/**
 * A page of the fleet: filtered, sorted, cut. Only the VMs on the page become objects of the API,
 * and readings are looked at only where the question needs them.
 */
import type { Reading, VmSort, VmState } from '@innkeeper/protocol';
import { firstOf } from './first-of.ts';
import type { LabelSelector } from './label-selector.ts';
import { naturalKey } from './natural-key.ts';
import { encodeCursor, decodeCursor } from './page-cursor.ts';
import type { VmQuery } from './vm-query.ts';
import type { VmRecord } from './vm-record.ts';

export interface VmList {
  /** `scope` undefined: every VM. */
  list(query: VmQuery, scope: LabelSelector | undefined): VmPage;
}

export type VmPage =
  | { readonly ok: true; readonly vms: readonly VmRecord[]; readonly nextCursor: string | null }
  | { readonly ok: false; readonly problem: 'invalid_cursor' };

export interface VmListOptions {
  readonly all: () => Iterable<VmRecord>;
  /** As of its making: nothing here depends on its age. */
  readonly glance: (vm: VmRecord) => Reading;
}

type SortValue = string | number | null;
interface Row {
  readonly vm: VmRecord;
  readonly value: SortValue;
}

const sum = (one: number | null, other: number | null): number | null =>
  one === null && other === null ? null : (one ?? 0) + (other ?? 0);

/** What needs attention comes first. */
const STATE_ORDER = {
  down: 0,
  degraded: 1,
  stale: 2,
  unknown: 3,
  up: 4,
} as const satisfies Record<VmState, number>;

/** Unknown is after everything in both orders: nobody looks for it at the top of a list. */
const compareValues = (one: SortValue, other: SortValue, sign: 1 | -1): number => {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -sign : sign;
};

export const makeVmList = ({ all, glance }: VmListOptions): VmList => {
  // A record that changes is another object, so what is derived from it never goes stale.
  const names = new WeakMap<VmRecord, string>();
  const texts = new WeakMap<VmRecord, string>();

  const derived = (
    cache: WeakMap<VmRecord, string>,
    vm: VmRecord,
    derive: (vm: VmRecord) => string,
  ): string => {
    const known = cache.get(vm);
    if (known !== undefined) return known;
    const value = derive(vm);
    cache.set(vm, value);
    return value;
  };

  const nameOf = (vm: VmRecord): string => derived(names, vm, ({ name }) => naturalKey(name));

  /** The parts are apart by a character that no search has. */
  const textOf = (vm: VmRecord): string =>
    derived(texts, vm, ({ name, guestIp, labels }) =>
      [name, guestIp ?? '', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
        .join('\n')
        .toLowerCase(),
    );

  const valueOf = (vm: VmRecord, sort: VmSort): SortValue => {
    switch (sort) {
      case 'name':
        return nameOf(vm);
      case 'created_at':
        return vm.createdAt;
      case 'state':
        return STATE_ORDER[glance(vm).state];
      case 'cpu':
        return glance(vm).cpu_usage_percent;
      case 'memory':
        return glance(vm).memory_usage_percent;
      case 'uptime':
        return glance(vm).uptime_seconds;
      case 'network': {
        const reading = glance(vm);
        return sum(reading.network_rx_bytes_per_second, reading.network_tx_bytes_per_second);
      }
      case 'disk': {
        const reading = glance(vm);
        return sum(reading.disk_read_bytes_per_second, reading.disk_write_bytes_per_second);
      }
      default: {
        const never: never = sort;
        return never;
      }
    }
  };

  const fits = (vm: VmRecord, query: VmQuery, needle: string): boolean =>
    (query.host_id === undefined || vm.hostId === query.host_id) &&
    (query.labels === undefined || query.labels.fits(vm.labels)) &&
    (needle === '' || textOf(vm).includes(needle) || vm.id.startsWith(needle)) &&
    (query.state === undefined || query.state.has(glance(vm).state));

  return {
    list: (query, scope) => {
      const { sort, order, limit } = query;
      const sign = order === 'asc' ? 1 : -1;
      const sortName = `${sort} ${order}`;
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, sortName);
      if (query.cursor !== undefined && after === undefined) {
        return { ok: false, problem: 'invalid_cursor' };
      }
      const needle = (query.search ?? '').toLowerCase();
      const compare = (one: Row, { value, vm: { id } }: Row): number => {
        const byValue = compareValues(one.value, value, sign);
        if (byValue !== 0) return byValue;
        return one.vm.id < id ? -1 : Number(one.vm.id > id);
      };

      function* rows(): Generator<Row> {
        for (const vm of all()) {
          if (scope !== undefined && !scope.fits(vm.labels)) continue;
          if (!fits(vm, query, needle)) continue;
          const value = valueOf(vm, sort);
          if (after !== undefined) {
            const byValue = compareValues(value, after.value, sign);
            if (byValue < 0 || (byValue === 0 && vm.id <= after.id)) continue;
          }
          yield { vm, value };
        }
      }

      // One more than the page says whether there is another page.
      const found = firstOf(rows(), limit + 1, compare);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        ok: true,
        vms: page.map(({ vm }) => vm),
        nextCursor:
          found.length > limit && last !== undefined
            ? encodeCursor({ sort: sortName, value: last.value, id: last.vm.id })
            : null,
      };
    },
  };
};
