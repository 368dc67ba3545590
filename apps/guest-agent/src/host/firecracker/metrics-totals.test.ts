import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../../platform/node/text.ts';
import { latin1Bytes } from '../../testing/latin1-bytes.ts';
import { makeLineSplitter } from '../line-splitter.ts';
import { parseMetricsLine, type MetricsLine } from './metrics-line.ts';
import { makeMetricsTotals } from './metrics-totals.ts';

const lineOf = (change: Partial<MetricsLine> = {}): MetricsLine => ({
  utcTimestampMs: 1000,
  net: new Map([['eth0', { receivedBytes: 1, receivedPackets: 2, sentBytes: 3, sentPackets: 4 }]]),
  block: new Map([['a', { readBytes: 5, reads: 6, writtenBytes: 7, writes: 8 }]]),
  missedMetrics: 0,
  processMark: undefined,
  hasOnlySums: false,
  ...change,
});

describe('makeMetricsTotals', () => {
  it('adds up per device', () => {
    const totals = makeMetricsTotals();
    expect(totals.takenAt()).toBeUndefined();
    totals.add(lineOf(), false);
    totals.add(lineOf({ utcTimestampMs: 2000, block: new Map() }), false);
    expect(totals.takenAt()).toBe(2000);
    expect(Object.fromEntries(totals.net)).toEqual({
      eth0: { receivedBytes: 2, receivedPackets: 4, sentBytes: 6, sentPackets: 8 },
    });
    expect(Object.fromEntries(totals.block)).toEqual({
      a: { readBytes: 5, reads: 6, writtenBytes: 7, writes: 8 },
    });
  });

  it('adds two flushes of one millisecond that counted the same', () => {
    const totals = makeMetricsTotals();
    expect(totals.add(lineOf(), false)).toBe('added');
    expect(totals.add(lineOf(), false)).toBe('added');
    expect(totals.counts()).toMatchObject({ lines: 2, duplicates: 0 });
    expect(totals.net.get('eth0')?.receivedBytes).toBe(2);
  });

  it('does not add again what a file says when it is read from its start', () => {
    const totals = makeMetricsTotals();
    totals.add(lineOf(), false);
    totals.add(lineOf(), false);
    totals.readAgain();
    expect(totals.add(lineOf(), false)).toBe('duplicate');
    expect(totals.add(lineOf(), false)).toBe('duplicate');
    expect(totals.add(lineOf({ block: new Map() }), false)).toBe('added');
    expect(totals.add(lineOf({ block: new Map() }), false)).toBe('added');
    expect(totals.counts()).toMatchObject({ lines: 4, duplicates: 2 });
  });

  it('goes on when the clock was set back, and takes its time as it is', () => {
    const totals = makeMetricsTotals();
    totals.add(lineOf({ utcTimestampMs: 9000 }), false);
    totals.add(lineOf({ utcTimestampMs: 1000 }), false);
    expect(totals.takenAt()).toBe(1000);
    expect(totals.net.get('eth0')?.receivedBytes).toBe(2);
  });

  it('counts what Firecracker could not write, and what could not be read', () => {
    const totals = makeMetricsTotals();
    totals.add(lineOf({ missedMetrics: 2 }), false);
    totals.add(lineOf({ missedMetrics: 3, utcTimestampMs: 2000 }), false);
    totals.addMalformed(4);
    expect(totals.counts()).toMatchObject({ lost: 5, malformed: 4, lines: 2 });
  });

  it('counts a restart once, by the writer or by the start that the line tells', () => {
    const totals = makeMetricsTotals();
    const restartsAfter = (
      utcTimestampMs: number,
      processMark: string | undefined,
      gone = false,
    ) => {
      totals.add(lineOf({ utcTimestampMs, processMark }), gone);
      return totals.counts().restarts;
    };
    expect(restartsAfter(1, '10/1')).toBe(0);
    expect(restartsAfter(2, '10/1')).toBe(0);
    expect(restartsAfter(3, undefined)).toBe(0);
    expect(restartsAfter(4, '20/1')).toBe(1);
    expect(restartsAfter(5, '30/1', true)).toBe(2);
    expect(restartsAfter(6, '30/1', true)).toBe(3);
  });

  it('takes no more devices than any machine has, however they are called', () => {
    const totals = makeMetricsTotals();
    const delta = { readBytes: 1, reads: 1, writtenBytes: 1, writes: 1 };
    for (let index = 0; index < 300; index += 1) {
      totals.add(lineOf({ utcTimestampMs: index, block: new Map([[`d${index}`, delta]]) }), false);
    }
    expect(totals.block.size).toBe(256);
    expect(totals.counts()).toMatchObject({ lines: 256, malformed: 44 });
  });
});

/** What may happen to a stream of lines. */
type Step =
  | {
      readonly kind: 'line';
      readonly received: number;
      readonly read: number;
      readonly missed: number;
      /** Flushes of one millisecond that counted the same. */
      readonly times: number;
    }
  | { readonly kind: 'torn'; readonly part: number }
  | { readonly kind: 'garbage'; readonly text: string; readonly ends: boolean }
  | { readonly kind: 'endless' }
  | { readonly kind: 'repeat'; readonly back: number }
  | { readonly kind: 'restart' };

const count = fc.nat(2 ** 40);
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('line'),
        received: count,
        read: count,
        missed: fc.nat(3),
        times: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('torn'),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('garbage'),
        // Never blank: blanks before a line are nothing.
        text: fc.string({
          unit: fc.constantFrom('{', '}', '"', ',', ':', '1', '\\', 'x', '\u00ff'),
          minLength: 1,
        }),
        ends: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('endless') }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat'), back: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
  ) satisfies fc.Arbitrary<Step>,
  { maxLength: 60 },
);

const LIMIT = 4096;

describe('lines, torn lines, garbage, repetitions and restarts in any order and any chunks', () => {
  const textOf = (time: number, received: number, read: number, missed: number): string => {
    const net = {
      rx_bytes_count: received,
      rx_packets_count: 1,
      tx_bytes_count: 2,
      tx_packets_count: 3,
    };
    const block = { read_bytes: read, read_count: 1, write_bytes: 2, write_count: 3 };
    const logger = { missed_metrics_count: missed };
    return JSON.stringify({
      utc_timestamp_ms: time,
      net_eth0: net,
      net,
      block_a: block,
      block,
      logger,
    });
  };

  it('gives counters that never go back, and exactly the sum of the lines that came whole', () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1 }),
        (list, sizes) => {
          const splitter = makeLineSplitter(nodeText, LIMIT);
          const totals = makeMetricsTotals();
          const sent: string[] = [];
          const expected = { lines: 0, received: 0, read: 0, lost: 0, restarts: 0 };
          let spoilt = 0;
          let turn = 0;
          let before = 0;
          let afterRestart = false;
          let open = false;

          const take = (bytes: Uint8Array): void => {
            for (const split of splitter.push(bytes)) {
              if (split.kind === 'overlong') {
                totals.addMalformed(1);
                continue;
              }
              for (const piece of parseMetricsLine(split.text)) {
                if (!piece.ok) totals.addMalformed(1);
                else if (totals.add(piece.line, afterRestart) === 'added') afterRestart = false;
              }
            }
            const now = totals.net.get('eth0')?.receivedBytes ?? 0;
            expect(now).toBeGreaterThanOrEqual(before);
            before = now;
          };
          const push = (text: string): void => {
            const bytes = latin1Bytes(text);
            for (let start = 0; start < bytes.length;) {
              const size = sizes[turn % sizes.length] ?? 1;
              turn += 1;
              take(bytes.slice(start, start + size));
              start += size;
            }
          };

          list.forEach((step, index) => {
            switch (step.kind) {
              case 'line': {
                // Times go up and down.
                const text = textOf(
                  1000 + ((index * 37) % 61),
                  step.received,
                  step.read,
                  step.missed,
                );
                sent.push(text);
                push(`${text}\n`.repeat(step.times));
                expected.lines += step.times;
                expected.received += step.received * step.times;
                expected.read += step.read * step.times;
                expected.lost += step.missed * step.times;
                open = false;
                break;
              }
              case 'torn': {
                const text = textOf(5, 1, 1, 1);
                push(text.slice(0, 1 + Math.floor(step.part * (text.length - 2))));
                spoilt += 1;
                open = true;
                break;
              }
              case 'garbage':
                push(step.ends ? `${step.text}\n` : step.text);
                spoilt += 1;
                open = !step.ends;
                break;
              case 'endless':
                push(`${'x'.repeat(LIMIT + 1)}\n`);
                spoilt += 1;
                open = false;
                break;
              case 'repeat': {
                const text = sent.at(-1 - step.back);
                if (text === undefined) break;
                // Only who reads a file from its start meets a line again.
                totals.readAgain();
                push(`${text}\n`);
                open = false;
                break;
              }
              case 'restart':
                if (splitter.cut()) totals.addMalformed(1);
                open = false;
                afterRestart = true;
                break;
              default: {
                const never: never = step;
                throw new Error(String(never));
              }
            }
          });
          const { lines, malformed, lost } = totals.counts();
          expect(totals.net.get('eth0')?.receivedBytes ?? 0).toBe(expected.received);
          expect(totals.block.get('a')?.readBytes ?? 0).toBe(expected.read);
          expect({ lines, lost }).toEqual({ lines: expected.lines, lost: expected.lost });
          expect(malformed).toBeLessThanOrEqual(spoilt);
          if (!open && spoilt > 0) expect(malformed).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
