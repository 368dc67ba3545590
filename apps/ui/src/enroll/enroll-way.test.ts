import { expect, test } from 'vitest';
import { parseWay, wayHref, WAYS } from './enroll-way.ts';

test('each way is in the address and comes back from it, and the rest of the address stays', () => {
  const place = { path: '/add', query: new URLSearchParams('vm=b7&way=hand') };
  for (const [way] of WAYS) {
    const url = new URL(wayHref(place, way), 'http://m');
    expect(parseWay(url.searchParams.get('way'))).toBe(way);
    expect(url.searchParams.get('vm')).toBe('b7');
  }
});

test('a way that nobody knows is the first', () => {
  expect(parseWay('constructor')).toBe('cloud-init');
  expect(parseWay(null)).toBe('cloud-init');
});
