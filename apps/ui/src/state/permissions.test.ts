import { expect, test } from 'vitest';
import { permissionsIn, permissionsOf } from './permissions.ts';

const allowed = (permissions: object): string[] =>
  Object.entries(permissions)
    .filter(([, may]) => may === true)
    .map(([name]) => name);

test('a viewer may look at hosts and change nothing', () => {
  expect(allowed(permissionsOf({ role: 'viewer', scope: null }))).toStrictEqual([
    'readManager',
    'readHosts',
  ]);
});

test('an operator registers VMs and hosts, and neither deletes nor hands out tokens', () => {
  expect(allowed(permissionsOf({ role: 'operator', scope: null }))).toStrictEqual([
    'readManager',
    'readHosts',
    'changeHosts',
    'createVms',
    'changeVms',
    'runCommands',
    'manageCommands',
    'manageProvisioning',
  ]);
});

test('an administrator may do everything', () => {
  const permissions = permissionsOf({ role: 'admin', scope: null });
  expect(allowed(permissions)).toHaveLength(Object.keys(permissions).length);
});

test('an administrator of some VMs has no say in what is about all', () => {
  expect(allowed(permissionsOf({ role: 'admin', scope: 'env=test' }))).toStrictEqual([
    'createVms',
    'changeVms',
    'deleteVms',
    'runCommands',
  ]);
});

test('nobody who is signed out may do anything', () => {
  expect(allowed(permissionsIn({ kind: 'checking' }))).toStrictEqual([]);
});
