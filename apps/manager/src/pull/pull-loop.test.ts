import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makePullLoop } from './pull-loop.ts';
import type { PullResult, Turn } from './pull-result.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Target {
  readonly id: string;
  readonly place: string;
  readonly label?: string;
}

type Result = PullResult<string>;

const GOOD: Result = {
  ok: true,
  value: 'fine',
  seconds: 0.01,
  receivedAt: 1,
  receivedMonotonicMs: 1,
};
const bad = (kind: 'timeout' | 'no_guest_ip' = 'timeout'): Result => ({
  ok: false,
  failure: { kind, message: 'no' },
  seconds: 0.5,
});

const wait = async (ms: number): Promise<void> =>
  new Promise((settle) => {
    setTimeout(settle, ms);
  });

const make = (
  pull: (target: Target, deadlineMs: number) => Promise<Result>,
  intervalMs = 1000,
  onTurn?: () => void,
) => {
  let stalledMs = 0;
  const turns: { target: Target; turn: Turn<string> }[] = [];
  const forgotten: string[] = [];
  const watched = new Set<string>();
  const errors: string[] = [];
  const write = (message: string): void => void errors.push(message);
  const loop = makePullLoop<Target, string>({
    intervalMs,
    timeoutMs: 800,
    clock: { monotonicMs: () => performance.now() + stalledMs },
    random: () => 1,
    log: { debug: write, info: write, warn: write, error: write },
    pull,
    forget: (id) => forgotten.push(id),
    placeOf: ({ place }) => place,
    isWatched: ({ id }) => watched.has(id),
    onTurn: (target, turn) => {
      turns.push({ target, turn });
      onTurn?.();
    },
  });
  return {
    loop,
    turns,
    forgotten,
    watched,
    errors,
    kinds: () => turns.map(({ turn }) => turn.kind),
    stall: (ms: number): void => {
      stalledMs += ms;
    },
  };
};

const A: Target = { id: 'a', place: '10.0.0.1' };
const B: Target = { id: 'b', place: '10.0.0.2' };

describe('a target', () => {
  test('is pulled once in each interval, with the time that it has', async () => {
    const budgets: number[] = [];
    const { loop, turns } = make(async (_, deadlineMs) => {
      budgets.push(deadlineMs - performance.now());
      await wait(20);
      return GOOD;
    });
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(10_020);
    expect(turns).toHaveLength(10);
    expect(new Set(budgets)).toEqual(new Set([800]));
    expect(loop.stats()).toMatchObject({ targets: 1, pulls: { ok: 10 }, inFlight: 0, broken: 0 });
    await loop.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('never has more time than the interval', async () => {
    const budgets: number[] = [];
    const { loop } = make(async (_, deadlineMs) => {
      budgets.push(deadlineMs - performance.now());
      return GOOD;
    }, 500);
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(600);
    expect(budgets[0]).toBe(500);
    await loop.stop();
  });

  test('whose last pull is under way is busy, and not pulled a second time', async () => {
    let underWay = 0;
    let most = 0;
    const { loop, kinds } = make(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await wait(2500);
      underWay -= 1;
      return GOOD;
    });
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(6500);
    expect(most).toBe(1);
    expect(kinds()).toEqual(['busy', 'busy', 'pulled', 'busy', 'busy', 'pulled']);
    expect(loop.stats()).toMatchObject({ busyTurns: 4, pulls: { ok: 2 } });
    const stopped = loop.stop();
    await vi.advanceTimersByTimeAsync(3000);
    await stopped;
  });

  test('that fails is asked at the next ticks, then less often, and at once as before when it is back', async () => {
    let isGood = false;
    const { loop, kinds, turns } = make(async () => (isGood ? GOOD : bad()));
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(9500);
    const first = 'pulled pulled pulled backing_off pulled';
    const then = 'backing_off backing_off backing_off pulled';
    expect(kinds().join(' ')).toBe(`${first} ${then}`);
    isGood = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(kinds().slice(-3)).toEqual(['pulled', 'pulled', 'pulled']);
    expect(turns.at(-1)?.turn).toEqual({ kind: 'pulled', result: GOOD });
    expect(loop.stats()).toMatchObject({ pulls: { timeout: 5 }, backingOffTurns: 11 });
    await loop.stop();
  });

  test('that is left alone is asked at the next tick when somebody begins to look at it', async () => {
    const { loop, kinds, turns, watched } = make(async () => bad());
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(6500);
    expect(kinds().slice(-2)).toEqual(['pulled', 'backing_off']);
    expect(turns.at(-1)?.turn).toEqual({ kind: 'backing_off', restMs: 3000 });
    watched.add('a');
    await vi.advanceTimersByTimeAsync(2000);
    // Once: who goes on looking changes nothing.
    expect(kinds().slice(-2)).toEqual(['pulled', 'backing_off']);
    await loop.stop();
  });

  test('that is left alone is asked at the next tick when it was heard of', async () => {
    const { loop, kinds } = make(async () => bad());
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(6500);
    expect(kinds().slice(-2)).toEqual(['pulled', 'backing_off']);
    loop.wake('a');
    loop.wake('nobody');
    await vi.advanceTimersByTimeAsync(1000);
    expect(kinds().slice(-2)).toEqual(['backing_off', 'pulled']);
    await loop.stop();
  });

  test('that has failed for long is still asked every thirty seconds', async () => {
    let asked = 0;
    const { loop } = make(async () => {
      asked += 1;
      return bad();
    });
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(120_000);
    const before = asked;
    await vi.advanceTimersByTimeAsync(300_000);
    expect(asked - before).toBe(10);
    await loop.stop();
  });

  test('without an address has its turn at every tick: it costs nothing', async () => {
    const { loop, kinds } = make(async () => bad('no_guest_ip'));
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(kinds()).toHaveLength(20);
    expect(new Set(kinds())).toEqual(new Set(['pulled']));
    await loop.stop();
  });

  test('that is slow or dead does not delay the others', async () => {
    const { loop, turns } = make(async (target) => {
      if (target.id === 'b') return GOOD;
      await wait(800);
      return bad();
    });
    for (let index = 0; index < 50; index += 1) loop.set({ id: `dead ${index}`, place: '' });
    loop.set(B);
    loop.start();
    await vi.advanceTimersByTimeAsync(20_000);
    const ofB = turns.filter(({ target }) => target.id === 'b');
    expect(ofB).toHaveLength(20);
    expect(ofB.every(({ turn }) => turn.kind === 'pulled' && turn.result.ok)).toBe(true);
    const { lateness, pulls } = loop.stats();
    expect(lateness.counts.slice(1).every((count) => count === 0)).toBe(true);
    expect(pulls['timeout']).toBeGreaterThan(150);
    const stopped = loop.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
  });
});

describe('targets that come, change and go', () => {
  test('one that is added later is pulled within a second, also at a long interval', async () => {
    const { loop, turns } = make(async () => GOOD, 60_000);
    loop.start();
    await vi.advanceTimersByTimeAsync(12_345);
    for (let index = 0; index < 100; index += 1) loop.set({ id: `vm ${index}`, place: '' });
    await vi.advanceTimersByTimeAsync(1050);
    expect(new Set(turns.map(({ target }) => target.id)).size).toBe(100);
    await vi.advanceTimersByTimeAsync(60_000);
    // And then at its place in the interval.
    expect(turns.length).toBeGreaterThanOrEqual(200);
    await loop.stop();
  });

  test('one that moves is asked at once, and what came of the old address does not count', async () => {
    const asked: string[] = [];
    const { loop, turns, forgotten } = make(async ({ place }) => {
      asked.push(place);
      await wait(500);
      return place === '10.0.0.1' ? bad() : GOOD;
    }, 60_000);
    loop.start();
    loop.set(A);
    await vi.advanceTimersByTimeAsync(1600);
    expect(asked).toEqual(['10.0.0.1']);
    expect(turns).toHaveLength(1);
    loop.set({ ...A, place: '10.0.0.9' });
    expect(forgotten).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1600);
    expect(asked[1]).toBe('10.0.0.9');
    expect(turns.at(-1)).toMatchObject({ target: { place: '10.0.0.9' }, turn: { result: GOOD } });
    await loop.stop();
  });

  test('one that moves while it is asked is not told of the answer from there', async () => {
    const { loop, turns } = make(async ({ place }) => {
      await wait(500);
      return place === '10.0.0.1' ? bad() : GOOD;
    });
    loop.set(A);
    loop.start();
    while (loop.stats().inFlight === 0) await vi.advanceTimersByTimeAsync(10);
    loop.set({ ...A, place: '10.0.0.9' });
    await vi.advanceTimersByTimeAsync(2500);
    expect(turns.length).toBeGreaterThan(0);
    for (const { turn } of turns) expect(turn).toEqual({ kind: 'pulled', result: GOOD });
    await loop.stop();
  });

  test('one that has long failed and moves is asked within a second', async () => {
    let asked = 0;
    const { loop } = make(async () => {
      asked += 1;
      return bad();
    });
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(100_000);
    asked = 0;
    loop.set({ ...A, place: 'elsewhere' });
    await vi.advanceTimersByTimeAsync(1050);
    expect(asked).toBe(1);
    await loop.stop();
  });

  test('one that only gets another name goes on as before', async () => {
    const { loop, turns, forgotten } = make(async () => GOOD);
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(1500);
    loop.set({ ...A, label: 'new' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(forgotten).toEqual([]);
    expect(turns.at(-1)?.target).toEqual({ ...A, label: 'new' });
    await loop.stop();
  });

  test('one that is removed is forgotten, and nothing more is told of it', async () => {
    const { loop, turns, forgotten } = make(async () => {
      await wait(500);
      return GOOD;
    });
    loop.set(A);
    loop.start();
    while (loop.stats().inFlight === 0) await vi.advanceTimersByTimeAsync(10);
    loop.remove('a');
    loop.remove('a');
    await vi.advanceTimersByTimeAsync(5000);
    expect(turns).toEqual([]);
    expect(forgotten).toEqual(['a']);
    expect(loop.stats()).toMatchObject({ targets: 0, inFlight: 0 });
    await loop.stop();
  });

  test('whoever hears of a turn may remove and add targets', async () => {
    const { loop, turns } = make(
      async () => GOOD,
      1000,
      () => {
        loop.remove('a');
        loop.set({ ...B, place: `${turns.length}` });
      },
    );
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(5000);
    expect(turns.filter(({ target }) => target.id === 'a')).toHaveLength(1);
    expect(turns.length).toBeGreaterThan(3);
    expect(loop.stats().targets).toBe(1);
    await loop.stop();
  });
});

describe('the loop', () => {
  test('skips what it is too late for after a stall, and counts it', async () => {
    const { loop, turns, stall } = make(async () => GOOD);
    for (let index = 0; index < 100; index += 1) loop.set({ id: `vm ${index}`, place: '' });
    loop.start();
    await vi.advanceTimersByTimeAsync(5000);
    const before = turns.length;
    stall(60_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(turns.length - before).toBeLessThan(40);
    expect(loop.stats().skippedTurns).toBeGreaterThanOrEqual(5900);
    expect(loop.stats().skippedTurns).toBeLessThanOrEqual(6000);
    await loop.stop();
  });

  test('goes on when a pull throws, or whoever hears of it', async () => {
    let calls = 0;
    const { loop, turns, errors } = make(
      async () => {
        calls += 1;
        if (calls === 1) throw new Error('a bug');
        return GOOD;
      },
      1000,
      () => {
        if (calls === 2) throw new Error('another');
      },
    );
    loop.set(A);
    loop.start();
    await vi.advanceTimersByTimeAsync(3050);
    expect(turns).toHaveLength(3);
    expect(turns[0]?.turn).toMatchObject({ result: { failure: { kind: 'malformed' } } });
    expect(turns[2]?.turn).toEqual({ kind: 'pulled', result: GOOD });
    expect(loop.stats().broken).toBe(2);
    expect(errors).toHaveLength(2);
    await loop.stop();
  });

  test('tells when it last ran', async () => {
    const { loop } = make(async () => GOOD);
    expect(loop.stats().tickedMonotonicMs).toBeUndefined();
    loop.start();
    await vi.advanceTimersByTimeAsync(10_000);
    const ticked = loop.stats().tickedMonotonicMs ?? 0;
    expect(performance.now() - ticked).toBeLessThanOrEqual(50);
    await loop.stop();
  });

  test('has stopped when the last pull has ended, and takes nobody any more', async () => {
    const { loop, turns, forgotten } = make(async () => {
      await wait(700);
      return GOOD;
    });
    loop.set(A);
    loop.start();
    while (loop.stats().inFlight === 0) await vi.advanceTimersByTimeAsync(10);
    let isStopped = false;
    const stopped = loop.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(300);
    expect(isStopped).toBe(false);
    expect(forgotten).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(500);
    await stopped;
    loop.set(B);
    await vi.advanceTimersByTimeAsync(5000);
    expect(turns).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
