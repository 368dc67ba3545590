import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeConnectGate } from './connect-gate.ts';

test('as many as the limit connect at one time, the others in the order in which they came', () => {
  const gate = makeConnectGate({ connecting: 2 });
  const begun: string[] = [];
  const leave = ['a', 'b', 'c', 'd'].map((name) => gate.enter(false, () => begun.push(name)));
  expect(begun).toEqual(['a', 'b']);
  leave[1]?.();
  expect(begun).toEqual(['a', 'b', 'c']);
  leave[0]?.();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('those that have failed take half of the places, and stand behind the others', () => {
  const gate = makeConnectGate({ connecting: 4 });
  const begun: string[] = [];
  const failed = ['x', 'y', 'z'].map((name) => gate.enter(true, () => begun.push(name)));
  expect(begun).toEqual(['x', 'y']);
  for (const name of ['a', 'b', 'c']) gate.enter(false, () => begun.push(name));
  expect(begun).toEqual(['x', 'y', 'a', 'b']);
  failed[0]?.();
  expect(begun).toEqual(['x', 'y', 'a', 'b', 'c']);
});

test('whoever gives up while waiting is never begun', () => {
  const gate = makeConnectGate({ connecting: 1 });
  const begun: string[] = [];
  const first = gate.enter(false, () => begun.push('first'));
  const second = gate.enter(false, () => begun.push('second'));
  second();
  first();
  expect(begun).toEqual(['first']);
  expect([gate.connecting(), gate.waiting()]).toEqual([0, 0]);
});

test('whatever comes and goes, the limits hold and nobody is forgotten', () => {
  const steps = fc.array(fc.record({ hasFailed: fc.boolean(), leaves: fc.nat(20) }), {
    maxLength: 100,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 8 }), (all, limit) => {
      const gate = makeConnectGate({ connecting: limit });
      const inside: (() => void)[] = [];
      let begun = 0;
      for (const { hasFailed, leaves } of all) {
        inside.push(gate.enter(hasFailed, () => (begun += 1)));
        expect(gate.connecting()).toBeLessThanOrEqual(limit);
        const [leave] = inside.splice(leaves, 1);
        leave?.();
        // Leaving twice is leaving once.
        leave?.();
      }
      // Those that wait come in one by one as the others go.
      for (const leave of inside) leave();
      expect([gate.connecting(), gate.waiting()]).toEqual([0, 0]);
      expect(begun).toBeLessThanOrEqual(all.length);
    }),
  );
});
