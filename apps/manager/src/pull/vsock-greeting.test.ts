import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeVsockGreeting, vsockRequest, type Greeting } from './vsock-greeting.ts';

const greet = (text: string, cuts: readonly number[] = []): Greeting => {
  const take = makeVsockGreeting();
  const places = [...cuts, text.length].toSorted((one, other) => one - other);
  let from = 0;
  let last: Greeting = { kind: 'more' };
  for (const to of places) {
    if (last.kind !== 'more') return last;
    last = take(Buffer.from(text.slice(from, to), 'latin1'));
    from = to;
  }
  return last;
};

test('asks for a port in a line', () => {
  expect(vsockRequest(1024)).toBe('CONNECT 1024\n');
});

test('an answer is one however it is cut, with what follows it', () => {
  const text = 'OK 1073741824\n';
  const cuts = fc.array(fc.nat(text.length));
  fc.assert(
    fc.property(cuts, (places) => {
      expect(greet(text, places)).toMatchObject({ kind: 'open', rest: Buffer.alloc(0) });
    }),
  );
  expect(greet('OK 7\nHTTP')).toStrictEqual({ kind: 'open', rest: Buffer.from('HTTP') });
});

test.each([
  'OK\n',
  'OK 1x\n',
  'ok 1\n',
  'HTTP/1.1 200 OK\r\n',
  '\n',
  'OK 12345678901\n',
  'x'.repeat(14),
])('%j is no answer of a VMM', (text) => {
  expect(greet(text).kind).toBe('bad');
});

test('nobody makes it wait for more than a line', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 14, unit: 'binary-ascii' }), (text) => {
      expect(greet(text).kind).not.toBe('more');
    }),
  );
});
