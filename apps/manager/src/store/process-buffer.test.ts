import type { ProcessEntry } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeProcess } from '../../../../test/support/store-process.ts';
import { makeReading } from '../../../../test/support/store-reading.ts';
import { makeProcessBuffer } from './process-buffer.ts';
import { decodeTop, encodeTop } from './process-row.ts';

const START = 1_763_640_000_000;
const ALL = 1_000_000;
const nginx = makeProcess();

const readingAt = (at: number, top: readonly ProcessEntry[] | null = [nginx]) =>
  makeReading({ taken_at: at, top: top === null ? null : [...top], top_at: at });

test('of lists that come all the time one is kept each 50 seconds', () => {
  const buffer = makeProcessBuffer(ALL);
  for (let second = 0; second < 600; second += 1) {
    buffer.note(1, readingAt(START + second * 1_000));
    buffer.note(2, readingAt(START + second * 1_000));
  }
  const rows = buffer.take(100);
  const ofOne = rows.filter(({ vmKey }) => vmKey === 1).map(({ at }) => at);
  expect(ofOne[0]).toBe(START);
  expect(ofOne.length).toBeGreaterThanOrEqual(12);
  expect(ofOne.length).toBeLessThanOrEqual(13);
  expect(new Set(ofOne.slice(2).map((at, index) => at - (ofOne[index + 1] ?? 0)))).toEqual(
    new Set([50_000]),
  );
  expect(rows.length - ofOne.length).toBeGreaterThanOrEqual(12);
});

test('VMs that are known since the same moment do not all come at once afterwards', () => {
  const buffer = makeProcessBuffer(ALL);
  for (let vmKey = 1; vmKey <= 600; vmKey += 1) buffer.note(vmKey, readingAt(START));
  buffer.take(600);
  const perSecond: number[] = [];
  for (let second = 1; second <= 120; second += 1) {
    for (let vmKey = 1; vmKey <= 600; vmKey += 1) {
      buffer.note(vmKey, readingAt(START + second * 1_000));
    }
    perSecond.push(buffer.take(600).length);
  }
  expect(Math.max(...perSecond)).toBeLessThanOrEqual(15);
  expect(perSecond.slice(50, 100).reduce((sum, count) => sum + count)).toBe(600);
});

test('the first list of an agent, which knows no CPU yet, is left to the next one', () => {
  const buffer = makeProcessBuffer(ALL);
  buffer.note(1, readingAt(START, [{ ...nginx, cpu_usage_percent: null }]));
  expect(buffer.size).toBe(0);
  buffer.note(1, readingAt(START + 10_000));
  expect(buffer.take(9).map(({ at }) => at)).toEqual([START + 10_000]);
});

test('a list is kept once, in however many readings it is', () => {
  const buffer = makeProcessBuffer(ALL);
  // Asked for once a minute, and between 0 and 9 s old then.
  const moments = [0, 69_000, 120_000, 189_000, 240_000].map((after) => START + after);
  for (const at of moments) {
    for (let second = 0; second < 60; second += 1) {
      buffer.note(1, { ...readingAt(at), taken_at: at + second * 1_000 });
    }
  }
  expect(buffer.take(9).map(({ at }) => at)).toEqual(moments);
});

test('after the clock was set back, lists are kept as before', () => {
  const buffer = makeProcessBuffer(ALL);
  for (const at of [START, START - 3_600_000, START - 3_540_000]) buffer.note(1, readingAt(at));
  expect(buffer.take(9).map(({ at }) => at - START)).toEqual([0, -3_600_000, -3_540_000]);
});

test('what is not of the guest, unknown or empty is no list', () => {
  const buffer = makeProcessBuffer(ALL);
  buffer.note(1, { ...readingAt(START), origin: 'host' });
  buffer.note(1, { ...readingAt(START), origin: 'none' });
  buffer.note(1, readingAt(START, null));
  buffer.note(1, { ...readingAt(START, []), top_at: null });
  expect(buffer.size).toBe(0);
  buffer.note(1, readingAt(START));
  expect(buffer.size).toBe(1);
});

test('a VM that is forgotten begins anew, and what waits of it is still written', () => {
  const buffer = makeProcessBuffer(ALL);
  buffer.note(1, readingAt(START));
  buffer.forget(1);
  buffer.note(1, readingAt(START + 1_000));
  expect(buffer.take(5).map(({ at }) => at)).toEqual([START, START + 1_000]);
});

test('when it is full the oldest makes room and is counted, also what is put back', () => {
  const one = encodeTop([nginx]).length;
  const buffer = makeProcessBuffer(3 * one);
  for (const vmKey of [1, 2, 3, 4]) buffer.note(vmKey, readingAt(START));
  expect(buffer).toMatchObject({ size: 3, dropped: 1 });
  const taken = buffer.take(2);
  expect(taken.map(({ vmKey }) => vmKey)).toEqual([2, 3]);
  buffer.note(5, readingAt(START));
  buffer.putBack(taken);
  expect(buffer).toMatchObject({ size: 3, dropped: 2 });
  expect(buffer.take(9).map(({ vmKey }) => vmKey)).toEqual([3, 4, 5]);
  for (const vmKey of [6, 7, 8]) buffer.note(vmKey, readingAt(START));
  expect(buffer).toMatchObject({ size: 3, dropped: 2 });
});

test('a list that is larger than all the room there is, is dropped', () => {
  const buffer = makeProcessBuffer(10);
  buffer.note(1, readingAt(START));
  expect(buffer).toMatchObject({ size: 0, dropped: 1 });
});

test('a list is read as it was, to the tenth and the KiB', () => {
  const top = [
    makeProcess({ pid: 7, cpu_usage_percent: 12.345, rss_bytes: 5 * 1024 + 100 }),
    makeProcess({ user: null, uid: 1001, cpu_usage_percent: null, memory_usage_percent: null }),
    makeProcess({ user: null, uid: null }),
  ];
  expect(decodeTop(JSON.parse(encodeTop(top)))).toMatchObject([
    { pid: 7, name: 'nginx', user: 'www-data', cpu_usage_percent: 12.3, rss_bytes: 5 * 1024 },
    { user: '1001', cpu_usage_percent: null, memory_usage_percent: null },
    { user: null },
  ]);
});

test('whatever a guest calls its processes, the list is short and readable', () => {
  const text = fc
    .array(fc.nat(0xff_ff), { maxLength: 100 })
    .map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(
      text,
      fc.option(text),
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      (name, user, value) => {
        const hostile = makeProcess({ name, user, cpu_usage_percent: value, rss_bytes: value });
        const encoded = encodeTop(Array.from({ length: 20 }, () => hostile));
        const decoded = decodeTop(JSON.parse(encoded));
        expect(decoded).toHaveLength(16);
        expect(decoded[0]?.name.length).toBeLessThanOrEqual(64);
        expect(encoded).not.toMatch(/\\u0000|\\ud[89a-f]/u);
      },
    ),
    { numRuns: 40 },
  );
});
