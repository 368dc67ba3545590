import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatabaseUnavailable, type Queryable } from '../database/database.ts';
import { makeChanges, type Changes, type Plan } from './changes.ts';

const nothing: Queryable = { query: async () => ({ rows: [], rowCount: 0 }) };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const makeHarness = () => {
  let isAway = false;
  const database = {
    transaction: async <Value>(
      work: (transaction: Queryable) => Promise<Value>,
    ): Promise<Value> => {
      await Promise.resolve();
      if (isAway) throw new DatabaseUnavailable('away');
      return work(nothing);
    },
  };
  const changes = makeChanges({
    database,
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    log: silent,
  });
  return {
    changes,
    away: (value: boolean) => {
      isAway = value;
    },
  };
};

const write = <Value>(value: Value, apply: () => void = () => {}): Plan<Value> => ({
  kind: 'write',
  work: async () => ({ value, apply }),
});

describe('changes', () => {
  let harness: ReturnType<typeof makeHarness>;
  let changes: Changes;

  beforeEach(() => {
    vi.useFakeTimers();
    harness = makeHarness();
    ({ changes } = harness);
  });
  afterEach(async () => {
    await changes.stop();
    vi.useRealTimers();
  });

  it('come one after the other, each seeing what the one before has done', async () => {
    let count = 0;
    const add = () =>
      changes.change(() => {
        const before = count;
        return write(before, () => {
          count = before + 1;
        });
      });
    await expect(Promise.all(Array.from({ length: 50 }, add))).resolves.toEqual(
      Array.from({ length: 50 }, (_, at) => at),
    );
  });

  it('show nothing of a change that Postgres has not taken', async () => {
    const apply = vi.fn<() => void>();
    harness.away(true);
    await expect(changes.change(() => write(1, apply))).rejects.toThrow(DatabaseUnavailable);
    expect(apply).not.toHaveBeenCalled();
  });

  it('that are settled ask no Postgres', async () => {
    harness.away(true);
    await expect(changes.change(() => ({ kind: 'settled', value: 7 }))).resolves.toBe(7);
  });

  it('go on after one of them has thrown', async () => {
    const bug = changes.change(() => {
      throw new Error('a bug');
    });
    await expect(bug).rejects.toThrow('a bug');
    await expect(changes.change(() => write(2))).resolves.toBe(2);
  });

  it('read Postgres anew, before the next one, when it is unknown how one has ended', async () => {
    const order: string[] = [];
    changes.onDoubt(async () => {
      order.push('reload');
    });
    harness.away(true);
    await expect(changes.change(() => write(1))).rejects.toThrow(DatabaseUnavailable);
    harness.away(false);
    await changes.change(() => {
      order.push('plan');
      return write(2);
    });
    await changes.change(() => write(3));
    expect(order).toEqual(['reload', 'plan']);
  });

  it('read Postgres anew also when nobody changes anything any more', async () => {
    let isBack = false;
    const reload = vi.fn<() => Promise<void>>(async () => {
      if (!isBack) throw new DatabaseUnavailable('away');
    });
    changes.onDoubt(reload);
    harness.away(true);
    await expect(changes.change(() => write(1))).rejects.toThrow(DatabaseUnavailable);
    await vi.advanceTimersByTimeAsync(1000);
    expect(reload).toHaveBeenCalledTimes(1);
    isBack = true;
    await vi.advanceTimersByTimeAsync(2000);
    expect(reload).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('that have waited too long are refused, and so are more than may wait', async () => {
    let release = (): void => {};
    const held = changes.change(() => ({
      kind: 'write',
      work: async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return { value: 0, apply: () => {} };
      },
    }));
    const late = changes.change(() => write(1));
    await vi.advanceTimersByTimeAsync(10_001);
    const waiting = Array.from({ length: 2000 }, () => changes.change(() => write(2)));
    const results = Promise.allSettled([late, ...waiting]);
    release();
    await held;
    const [first, ...others] = await results;
    expect(first).toMatchObject({ status: 'rejected', reason: { name: 'DatabaseUnavailable' } });
    expect(others.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });

  it('end with the manager: those that wait are done, later ones are refused', async () => {
    const last = changes.change(() => write(1));
    await changes.stop();
    await expect(last).resolves.toBe(1);
    await expect(changes.change(() => write(2))).rejects.toThrow('stopping');
  });
});
