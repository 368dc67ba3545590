import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading, VmSort } from '@innkeeper/protocol';
import { makeReading, makeVm } from '../../../../test/support/registry-fixtures.ts';
import { makeVmList } from './list-vms.ts';
import { encodeCursor } from './page-cursor.ts';
import type { VmRecord } from './vm-record.ts';
import { vmQuerySchema } from './vm-query.ts';

type Values = Partial<Reading>;

const makeFleet = (vms: readonly VmRecord[], values: ReadonlyMap<string, Values> = new Map()) => {
  const fleet = new Map(vms.map((vm) => [vm.id, vm]));
  const readings = new Map(vms.map(({ id }) => [id, makeReading(id, values.get(id))]));
  const list = makeVmList({
    all: () => fleet.values(),
    glance: ({ id }) => readings.get(id) ?? makeReading(id),
  });
  return { fleet, list };
};

const names = (list: ReturnType<typeof makeVmList>, query: Record<string, string> = {}) => {
  const page = list.list(vmQuerySchema.parse(query), undefined);
  return page.ok ? page.vms.map(({ name }) => name) : page.problem;
};

/** All pages, one after the other; `between` happens after each. */
const walk = (
  list: ReturnType<typeof makeVmList>,
  query: Record<string, string>,
  between: (page: number) => void = () => {},
): string[] => {
  const seen: string[] = [];
  let cursor: string | null | undefined;
  for (let pages = 0; pages < 1000; pages += 1) {
    const given = vmQuerySchema.parse({ ...query, ...(cursor && { cursor }) });
    const page = list.list(given, undefined);
    if (!page.ok) throw new Error(page.problem);
    seen.push(...page.vms.map(({ name }) => name));
    cursor = page.nextCursor;
    if (cursor === null) return seen;
    between(pages);
  }
  throw new Error('the list never ends');
};

const three = [
  makeVm(1, { name: 'web-10', guestIp: '10.0.0.5', labels: { env: 'prod', team: 'web' } }),
  makeVm(2, { name: 'web-2', guestIp: 'fd00::5', labels: { env: 'test' } }),
  makeVm(3, { name: 'DB-1', labels: { env: 'prod' }, hostId: makeVm(99).id }),
];

describe('a list of VMs', () => {
  it('is sorted by name as people count', () => {
    expect(names(makeFleet(three).list)).toEqual(['DB-1', 'web-2', 'web-10']);
    expect(names(makeFleet(three).list, { order: 'desc' })).toEqual(['web-10', 'web-2', 'DB-1']);
  });

  it.each([
    [{ search: 'WEB' }, ['web-2', 'web-10']],
    [{ search: '10.0.0' }, ['web-10']],
    [{ search: 'FD00::' }, ['web-2']],
    [{ search: 'team=web' }, ['web-10']],
    [{ search: '00000000-0000-4000-8000-000000000003' }, ['DB-1']],
    [{ search: '00000003' }, []],
    [{ search: 'nothing' }, []],
    [{ search: '' }, ['DB-1', 'web-2', 'web-10']],
    [{ labels: 'env=prod' }, ['DB-1', 'web-10']],
    [{ labels: 'env=prod,!team' }, ['DB-1']],
    [{ host_id: makeVm(99).id }, ['DB-1']],
    [{ search: 'web', labels: 'env=test' }, ['web-2']],
  ])('filtered by %j has %j', (query, expected) => {
    expect(names(makeFleet(three).list, query)).toEqual(expected);
  });

  it('has only VMs within the scope of whoever asks', () => {
    const scope = {
      text: 'env=test',
      fits: (labels: VmRecord['labels']) => labels['env'] === 'test',
    };
    const page = makeFleet(three).list.list(vmQuerySchema.parse({}), scope);
    expect(page.ok && page.vms.map(({ name }) => name)).toEqual(['web-2']);
  });

  it('can be of several states, and puts what needs attention first', () => {
    const values = new Map<string, Values>([
      [makeVm(1).id, { state: 'up' }],
      [makeVm(2).id, { state: 'down' }],
      [makeVm(3).id, { state: 'stale' }],
    ]);
    const { list } = makeFleet(three, values);
    expect(names(list, { state: 'down,up' })).toEqual(['web-2', 'web-10']);
    expect(names(list, { sort: 'state' })).toEqual(['web-2', 'DB-1', 'web-10']);
  });

  it('puts what is unknown last, up or down', () => {
    const values = new Map<string, Values>([
      [makeVm(1).id, { cpu_usage_percent: 90 }],
      [makeVm(3).id, { cpu_usage_percent: 0 }],
    ]);
    const { list } = makeFleet(three, values);
    expect(names(list, { sort: 'cpu' })).toEqual(['DB-1', 'web-10', 'web-2']);
    expect(names(list, { sort: 'cpu', order: 'desc' })).toEqual(['web-10', 'DB-1', 'web-2']);
  });

  it('sorts by what goes through the network both ways', () => {
    const values = new Map<string, Values>([
      [makeVm(1).id, { network_rx_bytes_per_second: 5, network_tx_bytes_per_second: 5 }],
      [makeVm(2).id, { network_rx_bytes_per_second: 9 }],
    ]);
    const { list } = makeFleet(three, values);
    expect(names(list, { sort: 'network', order: 'desc' })).toEqual(['web-10', 'web-2', 'DB-1']);
  });

  it('notices that a VM was renamed', () => {
    const { fleet, list } = makeFleet(three);
    names(list);
    fleet.set(makeVm(2).id, makeVm(2, { name: 'zebra' }));
    expect(names(list, { search: 'zebra' })).toEqual(['zebra']);
    expect(names(list)).toEqual(['DB-1', 'web-10', 'zebra']);
  });
});

describe('pages', () => {
  const sorts: VmSort[] = [
    'name',
    'state',
    'cpu',
    'memory',
    'network',
    'disk',
    'uptime',
    'created_at',
  ];

  it('together are the whole list, each VM once, in every order', () => {
    const value = fc.option(fc.constantFrom(0, 1, 50, 100), { nil: null });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ maxLength: 3 }), value), { maxLength: 40 }),
        fc.constantFrom(...sorts),
        fc.constantFrom('asc', 'desc'),
        fc.integer({ min: 1, max: 7 }),
        (rows, sort, order, limit) => {
          const vms = rows.map(([name], at) => makeVm(at + 1, { name: `${name}${at}` }));
          const values = new Map(
            rows.map(([, cpu], at) => [makeVm(at + 1).id, { cpu_usage_percent: cpu }]),
          );
          const { list } = makeFleet(vms, values);
          const walked = walk(list, { sort, order, limit: String(limit) });
          expect(walked).toEqual(names(list, { sort, order, limit: '1000' }));
          expect(new Set(walked).size).toBe(vms.length);
        },
      ),
    );
  });

  it('show each VM once that was there all the time, whatever comes and goes in between', () => {
    const change = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 30 }),
        fc.constantFrom('asc', 'desc'),
        (changes, order) => {
          const vms = Array.from({ length: 30 }, (_, at) => makeVm(2 * at + 1));
          const { fleet, list } = makeFleet(vms);
          const touched = new Set<string>();
          const walked = walk(list, { order, limit: '3' }, (page) => {
            for (const [number, isAdded] of changes.slice(3 * page, 3 * page + 3)) {
              const vm = makeVm(number);
              touched.add(vm.name);
              if (isAdded) fleet.set(vm.id, vm);
              else fleet.delete(vm.id);
            }
          });
          const steady = vms.map(({ name }) => name).filter((name) => !touched.has(name));
          for (const name of steady) expect(walked.filter((one) => one === name)).toHaveLength(1);
        },
      ),
    );
  });

  it.each([
    'nonsense',
    '',
    '%%%',
    Buffer.from('[]').toString('base64url'),
    Buffer.from('["name asc","a","no-uuid"]').toString('base64url'),
    Buffer.from('{"sort":"name asc"}').toString('base64url'),
    encodeCursor({ sort: 'cpu desc', value: 5, id: makeVm(1).id }),
  ])('refuse the cursor %j', (cursor) => {
    expect(names(makeFleet(three).list, { cursor })).toBe('invalid_cursor');
  });

  it('never throw, whatever the cursor', () => {
    const { list } = makeFleet(three);
    const value = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.object());
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .tuple(fc.constant('name asc'), value, fc.uuid())
            .map((parts) => Buffer.from(JSON.stringify(parts)).toString('base64url')),
        ),
        (cursor) => {
          expect(names(list, { cursor: cursor.slice(0, 4000) })).toBeDefined();
        },
      ),
    );
  });
});

describe('the query', () => {
  it.each([
    { limit: '0' },
    { limit: '1001' },
    { limit: '-1' },
    { limit: '1e3' },
    { limit: '' },
    { state: 'up,gone' },
    { state: '' },
    { labels: 'a b' },
    { sort: 'password' },
    { order: 'up' },
    { host_id: '1' },
    { search: 'x'.repeat(129) },
    { page: '2' },
  ])('cannot be %j', (query) => {
    expect(vmQuerySchema.safeParse(query).success).toBe(false);
  });

  it('has sensible defaults', () => {
    expect(vmQuerySchema.parse({})).toEqual({ sort: 'name', order: 'asc', limit: 100 });
  });
});
