import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions } from './compare-versions.ts';

/** From the page of semantic versioning, and some more. */
const IN_ORDER = [
  '0.9.9',
  '0.10.0',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '10.0.0',
];

describe('versions', () => {
  test('are in the order of semantic versioning', () => {
    const place = fc.nat(IN_ORDER.length - 1);
    fc.assert(
      fc.property(place, place, (one, other) => {
        const order = compareVersions(IN_ORDER[one] ?? '', IN_ORDER[other] ?? '');
        expect(Math.sign(order ?? Number.NaN)).toBe(Math.sign(one - other));
      }),
    );
  });

  test('are the same whatever they were built from', () => {
    expect(compareVersions('1.2.3+abc', '1.2.3+def')).toBe(0);
  });

  test.each(['', 'latest', '1.2', '1.2.3.4', 'v1.2.3', '1.2.3-', '1.2.99999999999'])(
    'are not %j',
    (text) => {
      expect(compareVersions(text, '1.0.0')).toBeUndefined();
      expect(compareVersions('1.0.0', text)).toBeUndefined();
    },
  );
});
