import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeTurnOrder } from './turn-order.ts';

const SLOTS = { count: 100, ms: 50 };

interface One {
  readonly name: string;
  readonly slot: number;
}

const turnsOf = (run: (takeTurn: (state: One) => void) => void): string[] => {
  const names: string[] = [];
  run((state) => names.push(state.name));
  return names;
};

test('each has its turn at its slot, once in a round', () => {
  const order = makeTurnOrder<One>(SLOTS);
  order.add({ name: 'a', slot: 0 }, undefined);
  order.add({ name: 'b', slot: 99 }, undefined);
  const ticks: number[] = [];
  for (let tick = 0; tick < 300; tick += 1) {
    for (const name of turnsOf((take) => order.forDue(tick, take))) {
      ticks.push(name === 'a' ? tick : -tick);
    }
  }
  expect(ticks).toEqual([0, -99, 100, -199, 200, -299]);
});

test('one that comes later has its first turn within a second, and the next ones at its slot', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(1000), (slot, nextTick) => {
      const order = makeTurnOrder<One>(SLOTS);
      order.add({ name: 'a', slot }, nextTick);
      const ticks: number[] = [];
      for (let tick = nextTick; tick < nextTick + 200; tick += 1) {
        for (const _ of turnsOf((take) => order.forDue(tick, take))) ticks.push(tick);
      }
      expect((ticks[0] ?? Infinity) - nextTick).toBeLessThan(20);
      expect(ticks.filter((tick) => tick % 100 === slot)).toHaveLength(2);
      expect(ticks.length).toBeLessThanOrEqual(3);
    }),
  );
});

test('one that is deleted has no turn any more, be it in the middle of a tick', () => {
  const order = makeTurnOrder<One>(SLOTS);
  const [a, b] = [
    { name: 'a', slot: 7 },
    { name: 'b', slot: 7 },
  ];
  order.add(a, undefined);
  order.add(b, undefined);
  const names: string[] = [];
  order.forDue(7, ({ name }) => {
    names.push(name);
    order.delete(b);
  });
  expect(names).toEqual(['a']);
  expect(order.countTurns(0, 100)).toBe(1);
});

test('the turns of ticks are counted without taking them', () => {
  const order = makeTurnOrder<One>(SLOTS);
  for (const slot of [0, 5, 5, 99]) order.add({ name: String(slot), slot }, undefined);
  expect(order.countTurns(0, 1)).toBe(1);
  expect(order.countTurns(4, 2)).toBe(2);
  expect(order.countTurns(99, 2)).toBe(2);
  expect(order.countTurns(4, 202)).toBe(10);
});
