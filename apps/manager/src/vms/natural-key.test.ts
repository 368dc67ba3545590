import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naturalKey } from './natural-key.ts';

const sorted = (names: readonly string[]): string[] =>
  names.toSorted((one, other) => (naturalKey(one) < naturalKey(other) ? -1 : 1));

describe('names', () => {
  it('are in the order in which people count', () => {
    const names = [
      'DB',
      'vm',
      'vm 1',
      'vm-1',
      'vm-2',
      'vm-10',
      'VM-11',
      'vm-100',
      'vm-a',
      'web1x',
      'web01y',
    ];
    expect(sorted(names.toReversed())).toEqual(names);
  });

  it('with one number are in the order of these numbers', () => {
    const number = fc.bigInt({ min: 0n, max: 10n ** 60n });
    fc.assert(
      fc.property(number, number, (one, other) => {
        expect(naturalKey(`vm-${one}`) < naturalKey(`vm-${other}`)).toBe(one < other);
      }),
    );
  });

  it('have keys that fit into a cursor', () => {
    const unit = fc.constantFrom('1', 'a', 'İ', '0');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 128 }), (units) => {
        expect(naturalKey(units.join('')).length).toBeLessThanOrEqual(512);
      }),
    );
  });
});
