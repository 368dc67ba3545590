import { effect } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeAnnouncer } from './announcer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const setUp = () => {
  const announcer = makeAnnouncer(() => Date.now());
  const heard: string[] = [];
  const end = effect(() => {
    if (announcer.said.value !== '') heard.push(announcer.said.value);
  });
  return {
    announcer,
    heard,
    stop: () => {
      announcer.stop();
      end();
      expect(vi.getTimerCount()).toBe(0);
    },
  };
};

test('what is typed is told once it rests, as it stands then', () => {
  const { announcer, heard, stop } = setUp();
  let found = 0;
  for (const typed of ['e', 'er', 'err']) {
    announcer.tell(typed, () => `${found} found`);
    vi.advanceTimersByTime(100);
  }
  found = 3;
  vi.advanceTimersByTime(5_000);
  expect(heard).toStrictEqual(['3 found']);
  stop();
});

test('what changes without end is told every two seconds, and the last of it for certain', () => {
  const { announcer, heard, stop } = setUp();
  for (let at = 0; at < 100; at += 1) {
    announcer.tell(`match ${at}`, () => `match ${at}`);
    vi.advanceTimersByTime(600);
  }
  vi.advanceTimersByTime(5_000);
  expect(heard.length).toBeGreaterThan(20);
  expect(heard.length).toBeLessThanOrEqual(31);
  expect(heard.at(-1)).toBe('match 99');
  stop();
});

test('the same subject is not told again, whatever its words are by now', () => {
  const { announcer, heard, stop } = setUp();
  for (let second = 10; second > 0; second -= 1) {
    announcer.tell('offline', () => `offline, again in ${second} s`);
    vi.advanceTimersByTime(1_000);
  }
  expect(heard).toHaveLength(1);
  announcer.tell('', () => '');
  announcer.tell('offline', () => 'offline');
  vi.advanceTimersByTime(5_000);
  expect(heard).toHaveLength(2);
  stop();
});
