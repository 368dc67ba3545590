import type { RunTargets } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeVm } from '../../../../test/support/registry-fixtures.ts';
import type { Actor } from '../auth/actor.ts';
import { parseLabelSelector, type LabelSelector } from '../vms/label-selector.ts';
import { chooseTargets } from './choose-targets.ts';

const VMS = [
  makeVm(1, { name: 'b', labels: { env: 'prod', team: 'web' } }),
  makeVm(2, { name: 'a', labels: { env: 'prod', team: 'db' } }),
  makeVm(3, { name: 'c', labels: { env: 'test', team: 'web' } }),
];
const registry = {
  get: (id: string) => VMS.find((vm) => vm.id === id),
  all: () => VMS,
};

const selectorOf = (text: string): LabelSelector => {
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.selector;
};
const actorOf = (scope?: string, role: Actor['role'] = 'operator'): Actor => ({
  kind: 'token',
  id: '00000000-0000-4000-8000-00000000aaaa',
  name: 'olivia',
  role,
  scope: scope === undefined ? undefined : selectorOf(scope),
});

/** Names, or the code of the problem. */
const choose = (actor: Actor, targets: RunTargets, onlyOn?: string): string => {
  const selector = onlyOn === undefined ? undefined : selectorOf(onlyOn);
  const chosen = chooseTargets(registry, actor, targets, selector);
  return chosen.ok ? chosen.vms.map(({ name }) => name).join(' ') : chosen.problem.code;
};
const ids = (...numbers: readonly number[]): RunTargets => ({
  vm_ids: numbers.map((number) => VMS[number - 1]?.id ?? makeVm(number).id),
});

test('a selector counts for the VMs of the actor, by name', () => {
  expect(choose(actorOf(), { selector: 'env=prod' })).toBe('a b');
  expect(choose(actorOf('team=web'), { selector: 'env=prod' })).toBe('b');
  expect(choose(actorOf('team=web'), { selector: 'env in (prod, test)' })).toBe('b c');
  expect(choose(actorOf('team=none'), { selector: 'env=prod' })).toBe('no_targets');
  expect(choose(actorOf(), { selector: 'env=(' })).toBe('invalid');
  expect(choose(actorOf(undefined, 'viewer'), { selector: 'env=prod' })).toBe('no_targets');
});

test('a VM that is named has to be one of the actor, and counts once', () => {
  expect(choose(actorOf(), ids(3, 1, 3))).toBe('c b');
  expect(choose(actorOf('team=web'), ids(1, 2))).toBe('vm_not_found');
  expect(choose(actorOf(), ids(99))).toBe('vm_not_found');
});

test('a saved command runs where it is for', () => {
  expect(choose(actorOf(), { selector: 'team=web' }, 'env=test')).toBe('c');
  expect(choose(actorOf(), ids(3), 'env=test')).toBe('c');
  expect(choose(actorOf(), ids(1), 'env=test')).toBe('command_not_for_vm');
});
