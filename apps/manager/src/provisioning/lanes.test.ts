import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeLanes, type LaneOptions, type Lanes } from './lanes.ts';

interface Work {
  readonly vmId: string;
  end(isDone: boolean): void;
  fail(error: Error): void;
}

describe('lanes', () => {
  let lanes: Lanes | undefined;
  const works: Work[] = [];
  const errors: string[] = [];
  const start = (more: Partial<LaneOptions> = {}): Lanes => {
    lanes = makeLanes({
      work: async (vmId) =>
        new Promise((resolve, reject) => {
          works.push({ vmId, end: resolve, fail: reject });
        }),
      onError: (vmId, error, failures) => errors.push(`${vmId} ${String(error)} ${failures}`),
      atOnce: 2,
      retryMs: 1,
      maxRetryMs: 5,
      ...more,
    });
    return lanes;
  };
  const begun = (): string => works.map(({ vmId }) => vmId).join(' ');
  const next = async (count: number): Promise<void> =>
    waitUntil(`work ${count} begins`, () => works.length === count);

  afterEach(async () => {
    for (const work of works) work.end(true);
    await lanes?.stop();
    works.length = 0;
    errors.length = 0;
  });

  it('works on one VM once at a time, and again when it was poked meanwhile', async () => {
    const all = start();
    all.poke('a');
    all.poke('a');
    all.poke('a');
    expect(begun()).toBe('a');
    works[0]?.end(true);
    await next(2);
    works[1]?.end(true);
    all.poke('b');
    await next(3);
    expect(begun()).toBe('a a b');
  });

  it('works on so many VMs at once, and lets none of the others wait for a VM that is worked on', async () => {
    const all = start();
    for (const vmId of ['a', 'a', 'b', 'a', 'c']) all.poke(vmId);
    expect(begun()).toBe('a b');
    works[1]?.end(true);
    await next(3);
    expect(begun()).toBe('a b c');
  });

  it('tries again what has failed or cannot be done yet, and tells how often it did before', async () => {
    const all = start();
    all.poke('a');
    works[0]?.fail(new Error('no'));
    await next(2);
    works[1]?.end(false);
    await next(3);
    works[2]?.fail(new Error('still'));
    await next(4);
    expect(errors).toEqual(['a Error: no 0', 'a Error: still 2']);
  });

  it('ends when what is under way has, and begins nothing more', async () => {
    const all = start();
    all.poke('a');
    all.poke('a');
    const stopped = all.stop();
    works[0]?.end(false);
    await stopped;
    all.poke('b');
    expect(begun()).toBe('a');
  });
});
