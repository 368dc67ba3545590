import { expect, test } from 'vitest';
import { parseFleetQuery, selectionChange, sortChange, toggled } from './fleet-query.ts';

const parse = (text: string) => parseFleetQuery(new URLSearchParams(text));

test('without anything in the address: grouped by host, what needs attention first', () => {
  expect(parse('')).toMatchObject({
    words: [],
    group: 'host',
    sort: 'attention',
    descending: false,
    hosts: new Set(),
  });
});

test('words that no page has ever written are left out', () => {
  const query = parse('sort=evil&state=critical,nonsense&source=,&sel=1.x.-3.7&dir=sideways');
  expect(query.sort).toBe('attention');
  expect([...query.facets]).toStrictEqual(['critical']);
  expect(query.origins.size).toBe(0);
  expect([...query.selected]).toStrictEqual([1, 7]);
  expect(query.descending).toBe(false);
});

test('a column begins at its busy end, and a second click turns it around', () => {
  expect(sortChange(parse(''), 'cpu')).toStrictEqual({ sort: 'cpu', dir: null });
  expect(sortChange(parse('sort=cpu'), 'cpu')).toStrictEqual({ sort: 'cpu', dir: 'asc' });
  expect(sortChange(parse('sort=cpu&dir=asc'), 'cpu')).toStrictEqual({ sort: 'cpu', dir: null });
  expect(sortChange(parse(''), 'name')).toStrictEqual({ sort: 'name', dir: null });
});

test('a filter is put in and taken away, and the last one leaves nothing behind', () => {
  expect(toggled(new Set(), 'up')).toBe('up');
  expect(toggled(new Set(['up']), 'stale')).toBe('up,stale');
  expect(toggled(new Set(['up']), 'up')).toBeNull();
});

test('a selection survives the address', () => {
  const { sel } = selectionChange(new Set([3, 4, 12]));
  expect([...parse(`sel=${sel ?? ''}`).selected]).toStrictEqual([3, 4, 12]);
  expect(selectionChange(new Set())).toStrictEqual({ sel: null });
});
