import { describe, expect, it } from 'vitest';
import { chooseVictim } from './eviction.ts';

const connection = (peer: string, since: number | undefined) => ({
  peer,
  since,
  waitingSince: () => since,
});

describe('chooseVictim', () => {
  it('takes the one that has waited for longest', () => {
    const connections = [connection('a', 30), connection('a', 10), connection('a', 20)];
    expect(chooseVictim(new Set(connections))).toMatchObject({ since: 10 });
  });

  it('takes from the peer that holds most, however long another has waited', () => {
    const manager = connection('manager', 1);
    const flood = [50, 40, 60].map((since) => connection('flood', since));
    expect(chooseVictim(new Set([manager, ...flood]))).toMatchObject({ peer: 'flood', since: 40 });
  });

  it('passes over those that a route works for', () => {
    const busy = [connection('a', undefined), connection('a', undefined)];
    expect(chooseVictim(new Set([...busy, connection('b', 5)]))).toMatchObject({ peer: 'b' });
    expect(chooseVictim(new Set(busy))).toBeUndefined();
  });
});
