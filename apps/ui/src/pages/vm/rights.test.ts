import { expect, test } from 'vitest';
import { addressRight, rightsOf } from './rights.ts';

test('a viewer changes nothing and is told why', () => {
  const { update, place, remove } = rightsOf({ role: 'viewer', scope: null }, false);
  expect(update).toContain('viewer');
  expect(place).toContain('viewer');
  expect(remove).toContain('administrators');
});

test('an operator changes what is not limited, and deletes nothing', () => {
  const rights = rightsOf({ role: 'operator', scope: null }, false);
  expect([rights.update, rights.place]).toStrictEqual([undefined, undefined]);
  expect(rights.remove).toContain('operator');
  expect(rightsOf({ role: 'operator', scope: 'team=db' }, false).place).toContain('limited');
});

test('the manager’s own machine keeps its place, also for administrators', () => {
  const rights = rightsOf({ role: 'admin', scope: null }, true);
  expect(rights.update).toBeUndefined();
  expect(rights.place).toContain('manager');
  expect(rights.remove).toContain('manager');
  expect(addressRight(rights, true)).toContain('manager');
  expect(addressRight(rights, false)).toBeUndefined();
});
