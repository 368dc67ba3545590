import { packRecent, type FleetMember, type FleetRecent, type FleetRow } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeFleetEntries } from './fleet-entries.ts';
import { sumRows } from './fleet-totals.ts';
import { makeFleetTrails } from './fleet-trails.ts';
import type { Trail } from './trail.ts';

const POINTS = 8;
const STEP_MS = 2_000;
const START = 1_763_640_000_000;

const member = (key: number): FleetMember => ({
  key,
  id: `00000000-0000-4000-8000-00000000000${key}`,
  name: `vm-${key}`,
  host_id: null,
  guest_ip: null,
  is_local: false,
  labels: {},
  agent_version: null,
  agent_update: null,
});

const rowOf = (key: number, cpu: number | null): FleetRow => ({
  key,
  state: 'up',
  origin: 'guest',
  reason: null,
  ageMs: 0,
  cpuUsagePercent: cpu,
  memoryUsagePercent: 50,
  networkRxBytesPerSecond: 1,
  networkTxBytesPerSecond: 2,
  diskReadBytesPerSecond: null,
  diskWriteBytesPerSecond: null,
  uptimeSeconds: null,
  memoryTotalBytes: 1_000 * key,
  cpuCount: key,
});

/** Rows of values, newest last; what is missing at the front is unknown. */
const recentOf = (end: number, rows: Readonly<Record<number, readonly number[]>>): FleetRecent => {
  const keys = Object.keys(rows).map(Number);
  const bytes = keys.flatMap((key) => {
    const known = rows[key] ?? [];
    const unknown = Array.from({ length: POINTS - known.length }, () => null);
    return [...unknown, ...known].map(packRecent);
  });
  const base64 = btoa(String.fromCharCode(...bytes));
  return { step_ms: STEP_MS, end, keys, cpu: base64, memory: base64 };
};

const valuesOf = (trail: Trail): (number | undefined)[] =>
  Array.from({ length: trail.length }, (_, index) => trail.at(index));

const makeSetup = (...keys: readonly number[]) => {
  const entries = makeFleetEntries(POINTS);
  entries.applyMembers({ all: true, members: keys.map(member), removed: [] });
  const totals = () => sumRows(entries.all().map(({ row }) => row));
  const trails = makeFleetTrails({ entries, totals, points: POINTS });
  return {
    entries,
    trails,
    frame: (at: number, cpu: number, ofKeys = keys) => {
      entries.applyRows({ at, rows: ofKeys.map((key) => rowOf(key, cpu)) });
      return trails.applyFrame(at);
    },
    cpuOf: (key: number) => {
      const entry = entries.byKey(key);
      return entry === undefined ? undefined : valuesOf(entry.cpu);
    },
  };
};

test('what is remembered and what is live are one trail, whichever comes first', () => {
  const recent = recentOf(START, { 1: [1, 2, 3, 4] });
  for (const order of ['recent first', 'frame first'] as const) {
    const { trails, frame, cpuOf } = makeSetup(1);
    if (order === 'recent first') expect(trails.applyRecent(recent)).toBe(false);
    frame(START + 500, 4);
    if (order === 'frame first') expect(trails.applyRecent(recent)).toBe(true);
    frame(START + 1_500, 5);
    frame(START + 2_500, 6);
    frame(START + 4_500, 7);
    expect(cpuOf(1)?.slice(-6), order).toEqual([1, 2, 3, 4, 6, 7]);
  }
});

test('no point is doubled or missing, however the two clocks lie to each other', () => {
  for (let phase = 0; phase < STEP_MS; phase += 100) {
    for (let wait = 0; wait < STEP_MS; wait += 100) {
      const { trails, frame, cpuOf } = makeSetup(1);
      const end = START + phase;
      trails.applyRecent(recentOf(end, { 1: [1, 2, 3] }));
      // Frames come once a second, the first at most a step later.
      for (let second = 0; second < 4; second += 1) frame(end + wait + second * 1_000, 10 + second);
      const values = cpuOf(1)?.filter((value) => value !== undefined) ?? [];
      expect(values.slice(0, 3), `${phase} ${wait}`).toEqual([1, 2, 3]);
      expect(values.length).toBeLessThanOrEqual(6);
      expect(cpuOf(1)?.indexOf(undefined, cpuOf(1)?.indexOf(1))).toBe(-1);
    }
  }
});

test('a trail that begins in the middle, and one of a VM that was added later', () => {
  const { entries, trails, frame, cpuOf } = makeSetup(1, 2);
  frame(START, 9, [1]);
  trails.applyRecent(recentOf(START, { 1: [5, 6, 7, 8, 9], 2: [30] }));
  expect(cpuOf(1)).toEqual([undefined, undefined, undefined, 5, 6, 7, 8, 9]);
  expect(cpuOf(2)?.at(-1)).toBe(30);

  entries.applyMembers({ all: false, members: [member(3)], removed: [2] });
  frame(START + STEP_MS, 20, [1, 3]);
  expect(cpuOf(3)).toEqual([20]);
  trails.applyRecent(recentOf(START + STEP_MS, { 1: [8, 9, 1], 2: [1], 3: [15, 16] }));
  expect(cpuOf(3)?.slice(-2)).toEqual([15, 20]);
  expect(cpuOf(1)?.slice(-3)).toEqual([8, 9, 20]);
  expect(cpuOf(2)).toBeUndefined();
});

test('after a reconnect the gap is filled, and what was seen live stays', () => {
  const { trails, frame, cpuOf } = makeSetup(1);
  frame(START, 50);
  frame(START + STEP_MS, 51);
  trails.awaitFrame();
  trails.applyRecent(recentOf(START + 6 * STEP_MS, { 1: [1, 2, 3, 4, 5, 6, 7] }));
  frame(START + 6 * STEP_MS + 100, 57);
  expect(cpuOf(1)?.slice(-7)).toEqual([50, 51, 3, 4, 5, 6, 7]);
  frame(START + 7 * STEP_MS, 58);
  expect(cpuOf(1)?.slice(-2)).toEqual([7, 58]);
});

test('lost frames are bridged for some seconds; longer silence is a gap', () => {
  const { frame, cpuOf } = makeSetup(1);
  frame(START, 1);
  frame(START + 3 * STEP_MS, 2);
  frame(START + 8 * STEP_MS, 3);
  expect(cpuOf(1)).toEqual([2, 2, 2, undefined, undefined, undefined, undefined, 3]);
});

test('the sums are weighted as the live ones are, and that of the network begins now', () => {
  const { trails, frame } = makeSetup(1, 3);
  frame(START, 40);
  trails.applyRecent(recentOf(START, { 1: [100, 20, 40], 3: [20, 40] }));
  expect(valuesOf(trails.totals.cpu).slice(-3)).toEqual([100, 20, 40]);
  // 20 % of 1,000 and of 3,000; now it is half of each.
  expect(valuesOf(trails.totals.memory).slice(-3)).toEqual([1_000, 800, 2_000]);
  expect(valuesOf(trails.totals.network)).toEqual([6]);
});

test('when the manager’s clock is set back the trails begin anew and are asked for again', () => {
  const { trails, frame, cpuOf } = makeSetup(1);
  frame(START, 1);
  expect(frame(START - 3_600_000, 2)).toBe('clock_set_back');
  expect(cpuOf(1)).toEqual([2]);
  trails.applyRecent(recentOf(START - 3_600_000, { 1: [1, 2, 2] }));
  expect(cpuOf(1)?.slice(-3)).toEqual([1, 2, 2]);
});

test('an answer without VMs or with none that is known changes nothing', () => {
  const { trails, frame, cpuOf } = makeSetup(1);
  frame(START, 1);
  trails.applyRecent({ step_ms: STEP_MS, end: START, keys: [], cpu: '', memory: '' });
  trails.applyRecent(recentOf(START, { 7: [1, 2] }));
  expect(cpuOf(1)).toEqual([1]);
  expect(frame(START + STEP_MS, 2)).toBe('added');
});
