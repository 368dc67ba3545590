import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packRecent, RECENT_UNKNOWN, unpackRecent } from './recent-values.ts';

test('a percentage comes back to the half percent', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (percent) => {
      const byte = packRecent(percent);
      expect(Math.abs((unpackRecent(byte) ?? -1) - percent)).toBeLessThanOrEqual(0.25);
      expect(byte).toBeLessThanOrEqual(200);
    }),
  );
});

test.each([null, Number.NaN])('%s is unknown', (value) => {
  expect(packRecent(value)).toBe(RECENT_UNKNOWN);
});

test.each([201, 254, RECENT_UNKNOWN])('the byte %i is unknown', (byte) => {
  expect(unpackRecent(byte)).toBeNull();
});

test('what lies outside of 0 to 100 % is put to its end', () => {
  expect([packRecent(-1), packRecent(101), packRecent(Infinity)]).toEqual([0, 200, 200]);
});
