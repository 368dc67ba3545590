import { expect, test } from 'vitest';
import { makeFleetVm } from '../testing/fleet-vm.ts';
import { countVersions, isUpdatable } from './agent-versions.ts';

const agent = (version: string | null, more = {}) =>
  makeFleetVm('a', {}, { agent_version: version, ...more });

test('versions are counted, newest first and unknown last', () => {
  const vms = ['1.9.0', null, '1.10.0', '1.9.0'].map((version) => agent(version));
  expect(countVersions(vms)).toEqual([
    { version: '1.10.0', count: 1 },
    { version: '1.9.0', count: 2 },
    { version: undefined, count: 1 },
  ]);
});

test('an agent can be updated where it is another version than the one that is served', () => {
  expect(isUpdatable(agent('1.4.0'), '1.5.0')).toBe(true);
  expect(isUpdatable(agent('1.5.0'), '1.5.0')).toBe(false);
  expect(isUpdatable(agent(null), '1.5.0')).toBe(false);
  expect(isUpdatable(agent('1.4.0'), null)).toBe(false);
  expect(isUpdatable(agent('1.4.0', { is_local: true }), '1.5.0')).toBe(false);
});
