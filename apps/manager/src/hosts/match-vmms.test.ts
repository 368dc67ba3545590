import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VmmProcess } from '@innkeeper/protocol';
import { idOf, makeVm, makeVmm } from '../../../../test/support/registry-fixtures.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { matchVmms, type Matches } from './match-vmms.ts';
import { makeVmIndex } from './vm-index.ts';
import { keysBetween, VMM_KEYS } from './vmm-keys.ts';

const HOST = idOf(1_000_001);
const OTHER_HOST = idOf(1_000_002);
const UUID = '11111111-2222-3333-4444-555555555555';

const match = (vms: readonly VmRecord[], vmms: readonly VmmProcess[]): Matches => {
  const index = makeVmIndex<VmRecord>();
  for (const vm of vms) index.add(vm);
  return matchVmms(vmms, index, HOST);
};

/** As plain values, whatever the order of the lists. */
const told = ({ matched, ambiguous, unclaimed }: Matches) => ({
  matched: Object.fromEntries(
    [...matched].map(([id, one]): [string, string] => [id, `${one.key} ${one.process.pid}`]),
  ),
  ambiguous: Object.fromEntries(ambiguous),
  unclaimed: unclaimed.map(({ pid }) => pid).toSorted((one, other) => one - other),
});

const onHost = (number: number, fields: Partial<VmRecord> = {}): VmRecord =>
  makeVm(number, { hostId: HOST, ...fields });

describe('a VM of a host is its VMM', () => {
  const qemu = { kind: 'qemu' } as const;
  it.each([
    [
      'locator',
      onHost(1, { vmm: { ...qemu, pidfile: '/run/a.pid' } }),
      makeVmm(7, { vm_id: idOf(1) }),
    ],
    ['process', onHost(1, { vmm: { ...qemu, pid: 7, start_ticks: 107 } }), makeVmm(7)],
    ['pid', onHost(1, { vmm: { ...qemu, pid: 7 } }), makeVmm(7)],
    ['uuid', onHost(1, { vmm: { ...qemu, uuid: UUID } }), makeVmm(7, { uuid: UUID })],
    ['uuid', onHost(1), makeVmm(7, { uuid: idOf(1).toUpperCase() })],
    [
      'id',
      onHost(1, { vmm: { kind: 'firecracker', uuid: 'Web-1' } }),
      makeVmm(7, { kind: 'firecracker', id: 'web-1' }),
    ],
    ['name', onHost(1, { vmm: { ...qemu, name: 'web' } }), makeVmm(7, { name: 'web' })],
    ['name', onHost(1, { name: 'web' }), makeVmm(7, { name: 'web' })],
  ])('by %s', (key, vm, vmm) => {
    expect(told(match([vm], [vmm]))).toEqual({
      matched: { [vm.id]: `${key} 7` },
      ambiguous: {},
      unclaimed: [],
    });
  });

  it.each([
    ['a later process with its pid', onHost(1, { vmm: { ...qemu, pid: 7, start_ticks: 1 } }), {}],
    ['of another kind', onHost(1, { name: 'web', vmm: { kind: 'firecracker' } }), { name: 'web' }],
    ['with another uuid', onHost(1, { vmm: { ...qemu, pid: 7, uuid: UUID } }), { uuid: idOf(9) }],
    ['with a name in other letters', onHost(1, { name: 'Web' }), { name: 'web' }],
    [
      'of another host',
      makeVm(1, { hostId: OTHER_HOST, name: 'web' }),
      { name: 'web', uuid: idOf(1) },
    ],
    // The agent only repeats what it was asked: without a locator of the VM's own it says nothing.
    ['that an echo names', onHost(1, { vmm: { ...qemu, uuid: UUID } }), { vm_id: idOf(1) }],
  ])('but not one %s', (_what, vm, vmm) => {
    expect(told(match([vm], [makeVmm(7, vmm)])).unclaimed).toEqual([7]);
  });
});

describe('a VM without a host', () => {
  it.each([
    ['its id', makeVm(1), { uuid: idOf(1) }, 'uuid'],
    ['its uuid', makeVm(1, { vmm: { kind: 'qemu', uuid: UUID } }), { uuid: UUID }, 'uuid'],
    ['a name in vmm', makeVm(1, { vmm: { kind: 'qemu', name: 'web' } }), { name: 'web' }, 'name'],
  ])('is found by %s', (_what, vm, vmm, key) => {
    expect(told(match([vm], [makeVmm(7, vmm)])).matched).toEqual({ [vm.id]: `${key} 7` });
  });

  it.each([
    ['its own name, which anybody may give to a VMM', makeVm(1, { name: 'web' }), { name: 'web' }],
    [
      'a pid, which is another process on each host',
      makeVm(1, { vmm: { kind: 'qemu', pid: 7 } }),
      {},
    ],
    ['what an agent says', makeVm(1, { vmm: { kind: 'qemu', pidfile: '/a' } }), { vm_id: idOf(1) }],
  ])('is not found by %s', (_what, vm, vmm) => {
    expect(told(match([vm], [makeVmm(7, vmm)])).unclaimed).toEqual([7]);
  });
});

describe('where more than one fits', () => {
  it('the stronger key has it, and the other VM finds its own', () => {
    const byUuid = onHost(1, { name: 'a', vmm: { kind: 'qemu', uuid: UUID } });
    const byName = onHost(2, { name: 'web' });
    const both = makeVmm(7, { uuid: UUID, name: 'web' });
    expect(told(match([byUuid, byName], [both]))).toEqual({
      matched: { [byUuid.id]: 'uuid 7' },
      ambiguous: {},
      unclaimed: [],
    });
    expect(told(match([byUuid, byName], [both, makeVmm(8, { name: 'web' })])).matched).toEqual({
      [byUuid.id]: 'uuid 7',
      [byName.id]: 'name 8',
    });
  });

  it('two VMMs for one VM are ambiguous, and nobody has found them', () => {
    const vm = onHost(1, { name: 'web' });
    const twins = [makeVmm(7, { name: 'web' }), makeVmm(8, { name: 'web' })];
    expect(told(match([vm], twins))).toEqual({
      matched: {},
      ambiguous: { [vm.id]: 2 },
      unclaimed: [],
    });
  });

  it('two VMs for one VMM by the same key are both ambiguous', () => {
    const one = onHost(1, { vmm: { kind: 'qemu', uuid: UUID } });
    const other = onHost(2, { vmm: { kind: 'qemu', uuid: UUID } });
    const third = onHost(3, { name: 'web' });
    expect(told(match([one, other, third], [makeVmm(7, { uuid: UUID, name: 'web' })]))).toEqual({
      matched: {},
      ambiguous: { [one.id]: 2, [other.id]: 2 },
      unclaimed: [],
    });
  });

  it('a VM that runs again under another pid is found by its uuid', () => {
    const vm = onHost(1, { vmm: { kind: 'qemu', uuid: UUID, pid: 7, start_ticks: 1 } });
    expect(told(match([vm], [makeVmm(9, { uuid: UUID })])).matched).toEqual({ [vm.id]: 'uuid 9' });
  });
});

describe('matching', () => {
  const few = fc.constantFrom('a', 'b', 'c');
  const maybe = fc.option(few, { nil: undefined });
  const maybeNull = fc.option(few, { nil: null });
  const vmArbitrary = fc.record({
    hostId: fc.constantFrom(HOST, HOST, undefined, OTHER_HOST),
    uuid: maybe,
    name: maybe,
    pid: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    ticks: fc.option(fc.integer({ min: 101, max: 105 }), { nil: undefined }),
    pidfile: fc.boolean(),
    hasVmm: fc.boolean(),
  });
  const vmsArbitrary = fc.array(vmArbitrary, { maxLength: 8 }).map((all) =>
    all.map(({ hostId, uuid, name, pid, ticks, pidfile, hasVmm }, at) =>
      makeVm(at + 1, {
        hostId,
        name: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'][at] ?? 'z',
        vmm: hasVmm
          ? {
              kind: 'qemu',
              ...(uuid !== undefined && { uuid }),
              ...(name !== undefined && { name }),
              ...(pid !== undefined && { pid }),
              ...(ticks !== undefined && { start_ticks: ticks }),
              ...(pidfile && { pidfile: '/run/pid' }),
            }
          : undefined,
      }),
    ),
  );
  const vmmsArbitrary = fc
    .array(
      fc.record({
        uuid: maybeNull,
        name: maybeNull,
        id: maybeNull,
        vm_id: fc.option(fc.integer({ min: 1, max: 8 }).map(idOf), { nil: null }),
      }),
      { maxLength: 8 },
    )
    .map((all) => all.map((fields, at) => makeVmm(at + 1, fields)));

  it('gives each VMM to one VM at most, and each VM one VMM at most', () => {
    fc.assert(
      fc.property(vmsArbitrary, vmmsArbitrary, (vms, vmms) => {
        const { matched, ambiguous, unclaimed } = match(vms, vmms);
        const processes = [...matched.values()].map(({ process }) => process);
        expect(new Set(processes).size).toBe(processes.length);
        for (const id of ambiguous.keys()) expect(matched.has(id)).toBe(false);
        for (const vmm of unclaimed) expect(processes).not.toContain(vmm);
      }),
    );
  });

  it('does not depend on the order of VMs or VMMs', () => {
    const shuffled = fc.tuple(vmsArbitrary, vmmsArbitrary).chain(([vms, vmms]) =>
      fc.record({
        vms: fc.constant(vms),
        vmms: fc.constant(vmms),
        otherVms: fc.shuffledSubarray(vms, { minLength: vms.length }),
        otherVmms: fc.shuffledSubarray(vmms, { minLength: vmms.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ vms, vmms, otherVms, otherVmms }) => {
        expect(told(match(otherVms, otherVmms))).toEqual(told(match(vms, vmms)));
      }),
    );
  });

  it('never lets a weaker key win over a stronger one', () => {
    fc.assert(
      fc.property(vmsArbitrary, vmmsArbitrary, (vms, vmms) => {
        const { matched } = match(vms, vmms);
        for (const { process, key } of matched.values()) {
          const rank = VMM_KEYS.indexOf(key);
          const stronger = vms.filter((vm) =>
            keysBetween(vm, process, HOST).some((one) => VMM_KEYS.indexOf(one) < rank),
          );
          // Who had a stronger claim has something else by a key at least as strong as that.
          for (const vm of stronger) {
            const claim = keysBetween(vm, process, HOST)[0];
            const has = matched.get(vm.id);
            expect(claim).toBeDefined();
            expect(has && VMM_KEYS.indexOf(has.key)).toBeLessThanOrEqual(
              claim === undefined ? -1 : VMM_KEYS.indexOf(claim),
            );
          }
        }
      }),
    );
  });

  it('finds by its index what asking every VM finds', () => {
    fc.assert(
      fc.property(vmsArbitrary, vmmsArbitrary, (vms, vmms) => {
        const all = { candidates: () => new Set(vms) };
        expect(told(match(vms, vmms))).toEqual(told(matchVmms(vmms, all, HOST)));
      }),
    );
  });
});

describe('the index', () => {
  it('forgets a VM under every key that it had', () => {
    const index = makeVmIndex<VmRecord>();
    const vm = onHost(1, { name: 'web', vmm: { kind: 'qemu', uuid: UUID, pid: 7 } });
    index.add(vm);
    index.add({ ...vm, name: 'other', vmm: undefined });
    const vmm = makeVmm(7, { uuid: UUID, name: 'web' });
    expect(index.candidates(vmm, HOST).size).toBe(0);
    index.remove(vm);
    expect(index.candidates(makeVmm(8, { uuid: vm.id, name: 'other' }), HOST).size).toBe(0);
    expect([...index.onHost(HOST)]).toEqual([]);
  });
});
