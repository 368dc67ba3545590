/** How fast one agent is read, by a clock that the test sets. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeIntake } from './intake.ts';

describe('an agent', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = () => {
    let isPaused = false;
    const intake = makeIntake({
      bytesPerSecond: 1_000_000,
      timeShare: 0.25,
      monotonicMs: () => performance.now(),
      pause: () => {
        isPaused = true;
      },
      resume: () => {
        isPaused = false;
      },
    });
    const pausedForMs = (): number => {
      let ms = 0;
      for (; isPaused && ms < 60_000; ms += 1) vi.advanceTimersByTime(1);
      return ms;
    };
    return { intake, pausedForMs };
  };

  test('is held until what it sent is paid for, however much it was', () => {
    const { intake, pausedForMs } = start();
    intake.took(90_000, 0);
    expect(pausedForMs()).toBe(0);
    intake.took(910_000, 0);
    expect(pausedForMs()).toBe(1_000);
    intake.took(90_000, 0);
    expect(pausedForMs()).toBe(0);
  });

  test('pays for the time that its lines take, not only for their bytes', () => {
    const { intake, pausedForMs } = start();
    intake.took(16_000, 20);
    expect(pausedForMs()).toBe(0);
    intake.took(16_000, 100);
    expect(pausedForMs()).toBe(480);
  });

  test('pays for what comes while it is held, and does not get rid of it with a new stream', () => {
    const { intake, pausedForMs } = start();
    intake.took(200_000, 0);
    intake.took(200_000, 0);
    expect(pausedForMs()).toBe(400);
    intake.took(400_000, 0);
    intake.reset();
    intake.took(1_000, 0);
    expect(pausedForMs()).toBe(401);
  });

  test('does not pay for long where the manager itself stood still', () => {
    const { intake, pausedForMs } = start();
    intake.took(1_000, 3_600_000);
    expect(pausedForMs()).toBe(2_000);
  });
});
