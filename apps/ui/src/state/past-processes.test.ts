import type { ProcessSnapshot } from '@innkeeper/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Api, ApiResult } from './api.ts';
import { makePastProcesses } from './past-processes.ts';

const VM = '6f1c2a34-0000-4000-8000-000000000001';
const MINUTE_MS = 60_000;
const START = 1_763_640_000_000;

const NONE: ApiResult<never> = {
  ok: false,
  problem: { status: 404, code: 'no_snapshot', message: 'there is none' },
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A manager that has a list at each full minute from the start on. */
const makeSetup = () => {
  const asked: { at: number; signal: AbortSignal | undefined }[] = [];
  const answerTo = (path: string): ApiResult<ProcessSnapshot> => {
    const at = Number(new URL(path, 'http://manager').searchParams.get('at'));
    if (at < START) return NONE;
    const taken = START + Math.floor((at - START) / MINUTE_MS) * MINUTE_MS;
    return { ok: true, value: { vm_id: VM, taken_at: taken, processes: [] } };
  };
  const get = async (path: string, options: { signal?: AbortSignal } = {}): Promise<unknown> => {
    asked.push({ at: Number(path.split('at=')[1]), signal: options.signal });
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    return answerTo(path);
  };
  // What `get` answers is for its caller to know.
  const api = { get } satisfies { get: unknown };
  const isApi = (value: { get: unknown }): value is Pick<Api, 'get'> =>
    typeof value.get === 'function';
  if (!isApi(api)) throw new Error('no api');
  const past = makePastProcesses(api, VM);
  return { asked, past, taken: () => past.answer.value?.snapshot?.taken_at };
};

test('only where the pointer rests is asked, and only the last answer counts', async () => {
  const { asked, past, taken } = makeSetup();
  for (let at = START; at < START + 1_000; at += 100) {
    past.show(at);
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(asked).toEqual([]);
  past.show(START + 1_000);
  await vi.advanceTimersByTimeAsync(300);
  past.show(START + 2 * MINUTE_MS);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked.map(({ at }) => at)).toEqual([START + 1_000, START + 2 * MINUTE_MS]);
  expect(asked[0]?.signal?.aborted).toBe(true);
  expect(taken()).toBe(START + 2 * MINUTE_MS);
});

test('what is known is shown at once and not asked again, for as long as it is known to hold', async () => {
  const { asked, past, taken } = makeSetup();
  past.show(START + 30_000);
  expect(past.answer.value).toEqual({
    at: START + 30_000,
    snapshot: undefined,
    problem: undefined,
  });
  await vi.advanceTimersByTimeAsync(1_000);
  past.show(START + 10_000);
  expect(taken()).toBe(START);
  past.show(START + 50_000);
  expect(taken()).toBe(START);
  // There may be another list by then.
  past.show(START + 57_000);
  expect(taken()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1_000);
  past.show(START + 55_000);
  expect(taken()).toBe(START);
  expect(asked).toHaveLength(2);
});

test('the same moment again asks nothing, also while it is looked up', async () => {
  const { asked, past } = makeSetup();
  for (let turn = 0; turn < 20; turn += 1) {
    past.show(START);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(asked).toHaveLength(1);
});

test('where there is none the reason is told, and back at now nothing is left of it', async () => {
  const { past } = makeSetup();
  past.show(START - 1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(past.answer.value?.problem?.code).toBe('no_snapshot');
  past.show(undefined);
  expect(past.answer.value).toBeUndefined();
});

test('after the end no answer comes', async () => {
  const { asked, past } = makeSetup();
  past.show(START);
  past.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual([]);
  past.show(START);
  await vi.advanceTimersByTimeAsync(300);
  past.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(past.answer.value).toBeUndefined();
});
