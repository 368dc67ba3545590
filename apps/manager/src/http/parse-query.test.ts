import { expect, test } from 'vitest';
import { parseQuery } from './parse-query.ts';

test.each([
  ['/v1/vms', {}],
  ['/v1/vms?', {}],
  ['/v1/vms?a=1&b=%20', { a: '1', b: ' ' }],
  ['/v1/vms?a', { a: '' }],
  ['/v1/vms?a=1&b=2&a=3&a=4', { a: ['1', '3', '4'], b: '2' }],
  ['/v1/vms?a=b?c', { a: 'b?c' }],
])('of %s is %j', (url, expected) => {
  expect(parseQuery(url)).toEqual(expected);
});

test('has names of objects as names like others', () => {
  const query = parseQuery('/?__proto__=1&constructor=2');
  expect(Object.entries(query)).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
});

// Copying what is there for each one more would take a minute, in which nobody else is served.
test('takes one parameter very many times', () => {
  const { a } = parseQuery(`/?${'a&'.repeat(20_000)}`);
  expect(a).toHaveLength(20_000);
});
