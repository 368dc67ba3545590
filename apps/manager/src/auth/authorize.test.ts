import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../vms/label-selector.ts';
import type { Actor } from './actor.ts';
import { ACTIONS, authorize, isAboutFleet, rolesFor, type Action } from './authorize.ts';

const isAction = (text: string): text is Action => ACTIONS.includes(text);
const actions = ACTIONS.filter(isAction);
const roles = ['viewer', 'operator', 'admin'] as const;
const anyAction = fc.constantFrom(...actions);
const anyRole = fc.constantFrom(...roles);

const scopeOf = (text: string): Actor['scope'] => {
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.selector;
};
const web = scopeOf('team=web');

test('whoever may do a thing may also see, and a higher role may do no less', () => {
  for (const action of actions) {
    const allowed = roles.filter((role) =>
      authorize({ role, scope: undefined }, action, undefined),
    );
    expect(allowed).toEqual(roles.slice(roles.length - allowed.length));
    expect(allowed).toEqual([...rolesFor(action)]);
  }
});

test('a viewer changes nothing, and only an admin deletes or manages tokens', () => {
  const viewer = actions.filter((action) => rolesFor(action).includes('viewer'));
  expect(viewer.toSorted()).toEqual([
    'host.read',
    'logs.read',
    'manager.read',
    'run.read',
    'update.read',
    'vm.read',
  ]);
  const operator = actions.filter((action) => !rolesFor(action).includes('operator'));
  expect(operator.toSorted()).toEqual([
    'audit.read',
    'host.delete',
    'key.manage',
    'logs.configure',
    'token.manage',
    'vm.delete',
  ]);
});

describe('a scope', () => {
  test('never allows what the role alone does not', () => {
    fc.assert(
      fc.property(anyRole, anyAction, fc.boolean(), (role, action, isInScope) => {
        const vm = { labels: { team: isInScope ? 'web' : 'db' } };
        const withScope = authorize({ role, scope: web }, action, vm);
        const without = authorize({ role, scope: undefined }, action, vm);
        expect(withScope && !without).toBe(false);
        expect(withScope).toBe(without && isInScope && !isAboutFleet(action));
      }),
    );
  });

  test('shuts out what is about the fleet, whatever the VM', () => {
    fc.assert(
      fc.property(anyRole, anyAction, (role, action) => {
        const allowed = authorize({ role, scope: web }, action, undefined);
        expect(allowed).toBe(rolesFor(action).includes(role) && !isAboutFleet(action));
      }),
    );
  });
});
