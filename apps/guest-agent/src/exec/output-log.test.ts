import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { countOf, eventAt, keptTexts, type ExecEvent, type NumberedEvent } from './kept-events.ts';
import { makeOutputLog, type LogReader } from './output-log.ts';

const output = (text: string, stream: 'stdout' | 'stderr' = 'stdout'): ExecEvent => ({
  name: 'output',
  data: { at: 0, stream, text },
});

const textOf = ({ json }: NumberedEvent): string =>
  z.object({ text: z.string() }).parse(JSON.parse(json)).text;

const readAll = (reader: LogReader): readonly (readonly [number, string])[] => {
  const all: [number, string][] = [];
  for (let kept = reader.next(); kept !== undefined; kept = reader.next()) {
    all.push([kept.number, textOf(kept)]);
  }
  return all;
};

const setUp = (limit = 1_000) => {
  let changes = 0;
  const log = makeOutputLog(
    () => limit,
    () => {
      changes += 1;
    },
  );
  return { log, changes: () => changes };
};

const nothing = (): void => undefined;

describe('makeOutputLog', () => {
  it('numbers events and gives them to each reader from where it wants', () => {
    const { log } = setUp();
    const first = log.read(0, nothing);
    for (const text of ['a', 'b', 'c']) log.add(output(text));
    expect(readAll(first)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(readAll(log.read(1, nothing))).toEqual([
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(readAll(log.read(3, nothing))).toEqual([]);
    const ahead = log.read(99, nothing);
    log.add(output('d'));
    expect(readAll(ahead)).toEqual([[4, 'd']]);
  });

  it('keeps the last of it, and tells a reader once how much it has missed', () => {
    const { log } = setUp();
    const reader = log.read(0, nothing);
    for (let count = 0; count < 20; count += 1) log.add(output('x'.repeat(100)), 100);
    expect(reader.next()).toBeUndefined();
    const missed = reader.takeMissed();
    expect(missed).toBeGreaterThan(10);
    expect(reader.takeMissed()).toBe(0);
    const rest = readAll(reader);
    expect(rest[0]?.[0]).toBe(missed + 1);
    expect(rest.at(-1)?.[0]).toBe(20);
  });

  it('says what the fastest reader has not read, and nothing without readers', () => {
    const { log } = setUp(1_000_000);
    log.add(output('x'.repeat(900)), 900);
    expect(log.unread()).toBe(0);
    const slow = log.read(0, nothing);
    const fast = log.read(0, nothing);
    expect(log.unread()).toBe(1_000);
    fast.next();
    expect(log.unread()).toBe(0);
    log.add(output('x'.repeat(400)), 400);
    expect(log.unread()).toBe(500);
    fast.close();
    expect(log.unread()).toBe(1_500);
    slow.close();
    expect(log.unread()).toBe(0);
  });

  it('never loses an event that is kept, nor gives one twice, however it is read', () => {
    const step = fc.oneof(fc.record({ add: fc.nat(300) }), fc.record({ read: fc.nat(5) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { log } = setUp(1_000);
        const reader = log.read(0, nothing);
        let expected = 1;
        for (const one of steps) {
          if ('add' in one) log.add(output('x'.repeat(one.add)), one.add);
          else {
            for (let count = 0; count < one.read; count += 1) {
              expected += reader.takeMissed();
              const kept = reader.next();
              if (kept === undefined) break;
              expect(kept.number).toBe(expected);
              expected += 1;
            }
          }
        }
        const kept = log.kept();
        const size = Array.from({ length: countOf(kept) }, (_, index) =>
          textOf(eventAt(kept, index, 0)),
        ).reduce((sum, text) => sum + 100 + text.length, 0);
        expect(countOf(kept) === 1 || size <= 1_000).toBe(true);
        expect(log.size()).toBe(size);
      }),
    );
  });

  it('gives each event as it came, as JSON', () => {
    const { log } = setUp();
    const events: readonly ExecEvent[] = [
      { name: 'started', data: { at: 1, id: 'a', pid: 2 } },
      { name: 'output', data: { at: 3, stream: 'stderr', text: '\u00fc"\n' } },
      { name: 'dropped', data: { at: 4, reason: 'limit', count: null } },
    ];
    for (const event of events) log.add(event);
    const reader = log.read(0, nothing);
    for (const { name, data } of events) {
      const next = reader.next();
      expect(next?.name).toBe(name);
      expect(JSON.parse(next?.json ?? '')).toEqual(data);
    }
  });

  it('puts the kept output together, and counts what is missing in bytes', () => {
    const { log } = setUp(10_000);
    for (const [text, stream] of [
      ['\u00fc', 'stdout'],
      ['err', 'stderr'],
      ['b', 'stdout'],
    ] as const) {
      log.add(output(text, stream), Buffer.byteLength(text));
    }
    expect(keptTexts(log.kept(), 26)).toEqual({
      stdout: ['\u00fc', 'b'],
      stderr: ['err'],
      missingBytes: 20,
    });
  });
});
