import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeAnswerBody } from './answer-body.ts';

test('whatever the pieces, the body is what came', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 20 }), (pieces) => {
      const body = makeAnswerBody(1_000_000);
      for (const piece of pieces) expect(body.add(Buffer.from(piece))).toBe(true);
      expect(body.bytes().equals(Buffer.concat(pieces))).toBe(true);
    }),
  );
});

test('the limit itself is allowed, a byte more is not', () => {
  const body = makeAnswerBody(10);
  expect(body.add(Buffer.alloc(4))).toBe(true);
  expect(body.add(Buffer.alloc(6))).toBe(true);
  expect(body.add(Buffer.alloc(1))).toBe(false);
  expect(body.bytes()).toHaveLength(10);
});

test('pieces are counted too', () => {
  const body = makeAnswerBody(1_000_000);
  const crumb = Buffer.alloc(1);
  let added = 0;
  while (body.add(crumb)) added += 1;
  expect(added).toBe(8192);
});

test('a later piece does not change the buffer that an earlier one came in', () => {
  const body = makeAnswerBody(100);
  const first = Buffer.from('ab');
  body.add(first);
  body.add(Buffer.from('cd'));
  expect(first.toString()).toBe('ab');
  expect(body.bytes().toString()).toBe('abcd');
});
