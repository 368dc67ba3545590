import { RECENT_UNKNOWN } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeFakeReadings, makeFakeVms, makeReading, makeVm } from '../push/testing/fake-fleet.ts';
import { makeRecentTrails, RECENT_POINTS, RECENT_STEP_MS } from './recent-trails.ts';

const START = 1_763_640_000_000;
const one = makeVm(1);
const two = makeVm(2);

const makeSetup = () => {
  const vms = makeFakeVms([one, two]);
  const readings = makeFakeReadings();
  let ms = 0;
  let wall = START;
  const clock = { now: () => wall + ms, monotonicMs: () => 7_000_000 + ms };
  const recent = makeRecentTrails({ vms, readings, clock });
  return {
    vms,
    recent,
    at: (now: number) => {
      ms = now;
    },
    setWall: (now: number) => {
      wall = now;
    },
    read: (vm: typeof one, cpu: number | null, memory: number | null = 50) => {
      readings.push(vm, makeReading(vm, { cpu_usage_percent: cpu, memory_usage_percent: memory }));
    },
    /** What is known, by how many steps ago it was. */
    cpuOf: (vm: typeof one) => {
      const { cpu } = recent.table([vm]);
      return [...cpu].flatMap((byte, index) =>
        byte === RECENT_UNKNOWN ? [] : [[RECENT_POINTS - 1 - index, byte / 2]],
      );
    },
  };
};

test('a trail begins in the middle, where the first reading came, and goes on with the latest', () => {
  const { recent, read, at, cpuOf } = makeSetup();
  read(one, 10);
  at(2_000);
  read(one, 20);
  at(3_000);
  read(one, 30);
  at(4_000);
  read(one, 40.26, 100);
  expect(cpuOf(one)).toEqual([
    [2, 10],
    [1, 30],
    [0, 40.5],
  ]);
  const { keys, cpu, memory, end } = recent.table([one]);
  expect({ keys, end, lengths: [cpu.length, memory.length] }).toEqual({
    keys: [1],
    end: START + 4_000,
    lengths: [RECENT_POINTS, RECENT_POINTS],
  });
  expect([...memory].slice(-3)).toEqual([100, 100, 200]);
});

test('the end is when the newest step began, by the clock as it stands now', () => {
  const { recent, read, at, setWall } = makeSetup();
  read(one, 10);
  at(5_500);
  expect(recent.table([one]).end).toBe(START + 4_000);
  setWall(START - 3_600_000);
  expect(recent.table([one]).end).toBe(START - 3_600_000 + 4_000);
});

test('setting the clock tears no hole', () => {
  const { read, at, setWall, cpuOf } = makeSetup();
  read(one, 10);
  setWall(START - 3_600_000);
  at(2_000);
  read(one, 20);
  expect(cpuOf(one)).toEqual([
    [1, 10],
    [0, 20],
  ]);
});

test('a VM that was added later has a row of the same length, and one never heard of has none', () => {
  const { recent, read, at } = makeSetup();
  read(one, 10);
  expect(recent.table([one, two]).keys).toEqual([1]);
  at(8_000);
  read(two, 20, null);
  const { keys, cpu, memory } = recent.table([two, one]);
  expect(keys).toEqual([2, 1]);
  expect([...cpu.subarray(RECENT_POINTS - 2, RECENT_POINTS)]).toEqual([RECENT_UNKNOWN, 40]);
  expect([...cpu.subarray(-6)]).toEqual([RECENT_UNKNOWN, 20, 20, 20, 20, 20]);
  expect(memory[RECENT_POINTS - 1]).toBe(RECENT_UNKNOWN);
});

test('between rare readings the last one stands, and after five minutes it has filled everything', () => {
  const { read, at, cpuOf } = makeSetup();
  read(one, 10);
  at(30_000);
  read(one, null);
  at(36_000);
  read(one, 5);
  expect(cpuOf(one)).toHaveLength(16);
  at(36_000 + 10 * RECENT_POINTS * RECENT_STEP_MS);
  expect(cpuOf(one)).toEqual(
    Array.from({ length: RECENT_POINTS }, (_, index) => [RECENT_POINTS - 1 - index, 5]),
  );
});

test('of a VM that is removed nothing is kept', () => {
  const { recent, vms, read } = makeSetup();
  read(one, 10);
  read(two, 20);
  vms.remove(one.id);
  expect(recent.count()).toBe(1);
  expect(recent.table([one, two]).keys).toEqual([2]);
});

test('it holds what a list of all readings says, however they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ wait: fc.nat(40_000), cpu: fc.option(fc.nat(200)) }), {
        minLength: 1,
        maxLength: 60,
      }),
      (turns) => {
        const { recent, read, at } = makeSetup();
        const made: { step: number; byte: number }[] = [];
        let now = 0;
        for (const { wait, cpu } of turns) {
          now += wait;
          at(now);
          read(one, cpu === null ? null : cpu / 2);
          const step = Math.floor((7_000_000 + now) / RECENT_STEP_MS);
          made.push({ step, byte: cpu ?? RECENT_UNKNOWN });
        }
        const newest = Math.floor((7_000_000 + now) / RECENT_STEP_MS);
        const wanted = Array.from({ length: RECENT_POINTS }, (_, index) => {
          const step = newest - RECENT_POINTS + 1 + index;
          return made.findLast((reading) => reading.step <= step)?.byte ?? RECENT_UNKNOWN;
        });
        expect([...recent.table([one]).cpu]).toEqual(wanted);
      },
    ),
  );
});

test('after the end it hears nothing more', () => {
  const { recent, read, cpuOf } = makeSetup();
  recent.stop();
  read(one, 10);
  expect(cpuOf(one)).toEqual([]);
  expect(recent.count()).toBe(0);
});
