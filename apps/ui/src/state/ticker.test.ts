import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeTicker } from './ticker.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const start = () => {
  const document = Object.assign(new EventTarget(), { hidden: false });
  const shown: string[] = [];
  const ticker = makeTicker({
    document,
    clock: () => Date.now(),
    frames: { request: (work) => work() },
  });
  const end = ticker.now.subscribe((now) => void shown.push(String(now)));
  shown.length = 0;
  return { document, ticker, shown, end };
};

test('time moves by itself each second while nothing comes', () => {
  const { ticker, shown, end } = start();
  vi.advanceTimersByTime(3_000);
  expect(shown).toEqual(['1000', '2000', '3000']);
  ticker.stop();
  vi.advanceTimersByTime(3_000);
  expect(shown).toHaveLength(3);
  end();
});

test('it moves with what comes each second and not besides', () => {
  const { ticker, shown, end } = start();
  for (let beat = 0; beat < 3; beat += 1) {
    vi.advanceTimersByTime(900 + beat * 100);
    ticker.beat(() => void shown.push('beat'));
  }
  expect(shown).toEqual(['beat', '900', 'beat', '1900', 'beat', '3000']);
  vi.advanceTimersByTime(1_200);
  expect(shown.at(-1)).toBe('4200');
  ticker.stop();
  end();
});

test('it stands still while the page is hidden, and is right at once when it is seen', () => {
  const { document, ticker, shown, end } = start();
  document.hidden = true;
  vi.advanceTimersByTime(5_500);
  expect(shown).toEqual([]);
  document.hidden = false;
  document.dispatchEvent(new Event('visibilitychange'));
  expect(shown).toEqual(['5500']);
  ticker.stop();
  end();
});
