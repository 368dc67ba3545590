import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeSlowBeat } from './slow-beat.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const setUp = () =>
  makeSlowBeat({ request: (work) => work(), cancel: () => undefined }, () => Date.now());

test('it moves a few times a second, however often something is drawn', () => {
  const beat = setUp();
  for (let frame = 0; frame < 100; frame += 1) {
    beat.drawn();
    vi.advanceTimersByTime(10);
  }
  expect(beat.count.value).toBe(4);
  beat.stop();
});

test('what is urgent is told at once', () => {
  const beat = setUp();
  beat.drawn();
  beat.drawn(true);
  expect(beat.count.value).toBe(2);
  beat.stop();
});

test('what was drawn last is told too', () => {
  const beat = setUp();
  beat.drawn();
  beat.drawn();
  expect(beat.count.value).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(beat.count.value).toBe(2);
  beat.drawn();
  beat.drawn();
  beat.stop();
  expect(vi.getTimerCount()).toBe(0);
});
