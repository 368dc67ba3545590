import type { LogEntry } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeLine, makeMark } from '../testing/log-entries.ts';
import { makeResume, type Batch } from './resume.ts';

const NONE: ReadonlySet<string> = new Set();
const batchOf = (from: number, to: number, changes: Partial<Batch> = {}): Batch => ({
  epoch: 'one',
  lines: Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => makeLine(from + at)),
  dropped: 0,
  through: to,
  ...changes,
});
const seqs = (entries: readonly LogEntry[]): number[] => entries.map(({ seq }) => seq);

describe('what a stream goes on with', () => {
  test('is nothing at first, then the line after the last', () => {
    const resume = makeResume();
    expect(resume.position()).toBeUndefined();
    resume.take(batchOf(1, 3, { fresh: true }), () => NONE);
    expect(resume.position()).toStrictEqual({ epoch: 'one', seq: 3, cursor: 'c3' });
    resume.take(batchOf(4, 4, { lines: [makeMark(4, 'resumed', 0)] }), () => NONE);
    expect(resume.position()).toStrictEqual({ epoch: 'one', seq: 4, cursor: 'c3' });
  });

  test('counts what was dropped, and a hole that nobody told', () => {
    const resume = makeResume();
    resume.take(batchOf(1, 3, { fresh: true }), () => NONE);
    expect(resume.take(batchOf(10, 12, { dropped: 6 }), () => NONE).missing).toBe(6);
    expect(resume.take(batchOf(15, 15), () => NONE).missing).toBe(2);
    expect(resume.take(batchOf(16, 16, { dropped: null }), () => NONE).missing).toBeNull();
  });

  test('after the manager began anew is what is not there yet', () => {
    const resume = makeResume();
    resume.take(batchOf(1, 5, { fresh: true }), () => NONE);
    const known = new Set(['c4', 'c5']);
    const taken = resume.take(batchOf(4, 8, { epoch: 'two', fresh: true }), () => known);
    expect(taken).toMatchObject({ missing: 0, isAnew: false });
    expect(seqs(taken.entries)).toStrictEqual([6, 7, 8]);
    expect(resume.position()).toStrictEqual({ epoch: 'two', seq: 8, cursor: 'c8' });
  });

  test('that does not join what is there is told', () => {
    const resume = makeResume();
    resume.take(batchOf(1, 5, { fresh: true }), () => NONE);
    const taken = resume.take(batchOf(90, 91, { epoch: 'two', fresh: true }), () => NONE);
    expect(taken).toMatchObject({ isAnew: true, missing: 0 });
    expect(seqs(taken.entries)).toStrictEqual([90, 91]);
  });

  test('by the cursor of the agent joins, though the numbers are others', () => {
    const resume = makeResume();
    resume.take(batchOf(1, 5, { fresh: true }), () => NONE);
    const next = batchOf(1, 2, {
      epoch: 'two',
      fresh: false,
      lines: [makeLine(1, { cursor: 'c6' }), makeLine(2, { cursor: 'c7' })],
    });
    expect(resume.take(next, () => new Set(['c5']))).toMatchObject({ isAnew: false, missing: 0 });
  });
});

test('whatever is sent twice or left out, each line is taken once and each missing one counted', () => {
  const cuts = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 20 }), fc.nat(4)), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(cuts, (batches) => {
      const resume = makeResume();
      const taken: number[] = [];
      let missing = 0;
      let sent = 0;
      for (const [again, count, left] of batches) {
        // Some that were sent before, or some that will never be.
        const isAgain = again > 0;
        const from = isAgain ? Math.max(1, sent - again + 1) : sent + left + 1;
        const dropped = isAgain || sent === 0 ? 0 : left;
        const to = from + count - 1;
        const answer = resume.take(batchOf(from, to, { dropped }), () => NONE);
        if (sent > 0) missing += answer.missing ?? 0;
        taken.push(...seqs(answer.entries));
        sent = Math.max(sent, to);
      }
      const [first = 1] = taken;
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length + missing).toBe(taken.length === 0 ? 0 : sent - first + 1);
    }),
  );
});
