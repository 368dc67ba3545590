import { expect, test } from 'vitest';
import { countFrames } from './probe.ts';

test('a frame is dropped for each sixtieth of a second that one comes late', () => {
  expect(countFrames([16.6, 16.8, 33.4, 100])).toStrictEqual({
    shown: 4,
    dropped: 6,
    longestMs: 100,
  });
});

test('a page that was not drawn has no frames', () => {
  expect(countFrames([])).toStrictEqual({ shown: 0, dropped: 0, longestMs: 0 });
});
