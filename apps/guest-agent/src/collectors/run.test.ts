import { describe, expect, it } from 'vitest';
import { makeExpositions } from '../exposition/exposition.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import type { Collector } from './collector.ts';
import { absent, collected, failed } from '../sources/collected.ts';
import { makeRunnable } from './run.ts';

const collectorOf = (collect: Collector<number>['collect']): Collector<number> => ({
  name: 'example',
  collect,
  expose: (value, out) => {
    out.family('example', 'gauge', 'An example.');
    out.sample('', value);
  },
});

const run = async (collect: Collector<number>['collect'], clock = makeFakeClock()) => {
  const told: unknown[] = [];
  const onOutcome = (...outcome: readonly unknown[]): void => void told.push(outcome);
  const ran = await makeRunnable(collectorOf(collect), clock, onOutcome).run();
  expect(told).toEqual([['example', ran.outcome]]);
  const out = makeExpositions('prometheus')();
  ran.expose(out);
  return { ...ran, text: out.finish() };
};

describe('makeRunnable', () => {
  it('gives the value, and writes its metrics', async () => {
    const ran = await run(() => collected(7));
    expect(ran).toMatchObject({ name: 'example', outcome: { ok: true, value: 7 } });
    expect(ran.text).toContain('example 7\n');
  });

  it('says how long it took, also where it had to wait', async () => {
    const clock = makeFakeClock();
    const ran = run(async () => {
      await Promise.resolve();
      clock.advance(250);
      return collected(7);
    }, clock);
    expect((await ran).seconds).toBe(0.25);
  });

  it('stays synchronous where the collector is', () => {
    expect(
      makeRunnable(
        collectorOf(() => collected(1)),
        makeFakeClock(),
        () => undefined,
      ).run(),
    ).not.toBeInstanceOf(Promise);
  });

  it.each([
    ['fails', () => failed('broken'), { ok: false, absent: false, error: 'broken' }],
    [
      'finds nothing to collect',
      () => absent('no such'),
      { ok: false, absent: true, error: 'no such' },
    ],
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
      { ok: false, absent: false, error: 'the collector failed: a bug' },
    ],
    [
      'rejects',
      async () => {
        throw new Error('a bug');
      },
      { ok: false, absent: false, error: 'the collector failed: a bug' },
    ],
  ] satisfies [string, Collector<number>['collect'], unknown][])(
    'keeps it to itself when the collector %s, and writes no metrics',
    async (_, collect, outcome) => {
      const ran = await run(collect);
      expect(ran.outcome).toEqual(outcome);
      expect(ran.text).toBe('');
    },
  );
});
