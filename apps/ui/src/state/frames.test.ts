import { effect, signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { makeFrames } from './frames.ts';

const makeWindow = () => {
  const asked: FrameRequestCallback[] = [];
  return {
    requestAnimationFrame: (callback: FrameRequestCallback) => asked.push(callback),
    /** How many callbacks there were. */
    paint: (): number => {
      const now = asked.splice(0);
      for (const callback of now) callback(0);
      return now.length;
    },
  };
};

test('what is asked for several times is done once, with all the rest in one frame', () => {
  const window = makeWindow();
  const frames = makeFrames(window);
  const done: string[] = [];
  const one = (): void => void done.push('one');
  frames.request(one);
  frames.request(() => void done.push('other'));
  frames.request(one);
  expect(done).toEqual([]);
  expect(window.paint()).toBe(1);
  expect(done).toEqual(['one', 'other']);
  expect(window.paint()).toBe(0);
});

test('effects see all changes of a frame at once, and what they ask for is done in it', () => {
  const window = makeWindow();
  const frames = makeFrames(window);
  const [left, right] = [signal(0), signal(0)];
  const painted: string[] = [];
  const paint = (): void => void painted.push(`${left.value} ${right.value}`);
  const end = effect(() => {
    if (left.value + right.value > 0) frames.request(paint);
  });
  frames.request(() => (left.value = 1));
  frames.request(() => (right.value = 2));
  window.paint();
  expect(painted).toEqual(['1 2']);
  end();
});

test('work that asks for itself again and again goes on in the next frame', () => {
  const window = makeWindow();
  const frames = makeFrames(window);
  let count = 0;
  const again = (): void => {
    count += 1;
    frames.request(again);
  };
  frames.request(again);
  window.paint();
  const first = count;
  expect(window.paint()).toBe(1);
  expect(count).toBe(first * 2);
  frames.cancel(again);
  window.paint();
  expect(count).toBe(first * 2);
});

test('work that throws does not keep later work from being done', () => {
  const window = makeWindow();
  const frames = makeFrames(window);
  frames.request(() => {
    throw new Error('broken');
  });
  expect(() => window.paint()).toThrow('broken');
  let isDone = false;
  frames.request(() => (isDone = true));
  window.paint();
  expect(isDone).toBe(true);
});
