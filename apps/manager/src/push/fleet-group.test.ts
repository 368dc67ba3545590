import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeFleetGroup } from './fleet-group.ts';
import { makeFakeVms, makeVm, vmId } from './testing/fake-fleet.ts';

const KEYS = [1, 2, 3, 4];

const noAgent = () => ({ version: undefined, update: undefined });

describe('the members of one scope', () => {
  test('are known to whoever applies each change, whatever comes, goes and moves', () => {
    const key = fc.constantFrom(...KEYS);
    const step = fc.oneof(
      fc.record({
        what: fc.constant('put'),
        key,
        app: fc.constantFrom('web', 'db'),
        name: fc.constantFrom('a', 'b'),
      }),
      fc.record({ what: fc.constant('remove'), key }),
      fc.record({ what: fc.constant('tell') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const vms = makeFakeVms([makeVm(1, { labels: { app: 'web' } })]);
        const group = makeFleetGroup(vms.all(), ({ labels }) => labels['app'] === 'web', noAgent);
        vms.onChange((change) => {
          group.apply(change);
        });
        const known = new Map<number, string>();
        const tell = (parts = group.takeChanges()): void => {
          for (const { all, members, removed } of parts) {
            if (all) known.clear();
            for (const gone of removed) known.delete(gone);
            for (const member of members) known.set(member.key, member.name);
          }
        };
        tell(group.everything());
        for (const doing of steps) {
          if ('app' in doing) {
            const id = vmId(doing.key);
            const more = { name: doing.name, labels: { app: doing.app } };
            if (vms.get(id) === undefined) vms.add(makeVm(doing.key, more));
            else vms.change(id, more);
          } else if ('key' in doing) {
            if (vms.get(vmId(doing.key)) !== undefined) vms.remove(vmId(doing.key));
          } else tell();
        }
        tell();
        const expected = [...vms.all()]
          .filter(({ labels }) => labels['app'] === 'web')
          .map((vm): [number, string] => [vm.key, vm.name]);
        expect(known.size).toBe(expected.length);
        for (const [member, name] of expected) expect(known.get(member)).toBe(name);
        expect(new Set(Array.from(group.vms(), (vm) => vm.key))).toStrictEqual(
          new Set(expected.map(([known_]) => known_)),
        );
        expect(group.takeChanges()).toStrictEqual([]);
      }),
    );
  });

  test('are told as a whole even when there are none', () => {
    const group = makeFleetGroup([], () => true, noAgent);
    expect(group.everything()).toStrictEqual([{ all: true, members: [], removed: [] }]);
    expect(group.takeChanges()).toStrictEqual([]);
  });

  test('are told again when something is learned of their agents', () => {
    const vms = makeFakeVms([makeVm(1), makeVm(2)]);
    let version = '1.0.0';
    const agentOf = () => ({ version, update: 'checking' as const });
    const group = makeFleetGroup(vms.all(), ({ key }) => key === 1, agentOf);
    expect(group.everything()).toMatchObject([
      { members: [{ key: 1, agent_version: '1.0.0', agent_update: 'checking' }] },
    ]);
    version = '1.1.0';
    for (const vm of vms.all()) group.touch(vm);
    expect(group.takeChanges()).toMatchObject([
      { all: false, members: [{ key: 1, agent_version: '1.1.0' }] },
    ]);
    expect(group.takeChanges()).toStrictEqual([]);
  });
});
