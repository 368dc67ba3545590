/** Batches out of a stream. */
import { expect, test } from 'vitest';
import { lineOf } from '../testing/fake-agent.ts';
import { collectLines } from './collect-lines.ts';
import type { HubStream } from './log-hub.ts';
import { makeLogRing } from './log-ring.ts';

test('what a filter lets through has its own bytes, not those of the average', () => {
  const ring = makeLogRing(1_000);
  for (let number = 1; number <= 100; number += 1) {
    const event = lineOf(number, number % 10 === 0 ? 'x'.repeat(10_000) : 'short');
    ring.addLine(event, JSON.stringify(event));
  }
  const stream: HubStream = {
    epoch: 'x',
    state: () => ({ state: 'live', since: 0, retryAt: undefined, failure: undefined }),
    newest: () => ring.newest(),
    oldest: () => ring.oldest(),
    bytes: () => ring.bytes(),
    read: (seq, max, maxBytes = Number.POSITIVE_INFINITY) => ring.read(seq, max, maxBytes),
    find: (cursor) => ring.find(cursor),
  };
  const isLong = ({ message }: { message: string }): boolean => message.length > 100;
  const batch = collectLines(stream, 0, isLong, { lines: 1_000, bytes: 35_000 });
  // One more than has room, as always.
  expect(batch.lines).toHaveLength(4);
  expect(batch.bytes).toBeGreaterThan(40_000);
  expect(batch.bytes).toBeLessThan(42_000);
});
