import { expect, test } from 'vitest';
import { makeEvent } from '../testing/log-entries.ts';
import { sizeOfLine } from './row-size.ts';

const sizeWith = (fields: Record<string, unknown>): number =>
  sizeOfLine(makeEvent('c1', { fields }));

test('the fields of a line count as much as its message', () => {
  const message = sizeOfLine(makeEvent('c1', { message: 'x'.repeat(50_000) }));
  const field = sizeWith({ CODE: 'x'.repeat(50_000) });
  expect(field).toBeGreaterThan(50_000);
  expect(Math.abs(message - field)).toBeLessThan(300);
});

test('many small fields, lists and what is nested count as well', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`F${at}`, 1]));
  expect(sizeWith(many)).toBeGreaterThan(30_000);
  expect(sizeWith({ list: Array.from({ length: 1_000 }, () => true) })).toBeGreaterThan(30_000);
  expect(sizeWith({ a: { b: { c: 'x'.repeat(5_000) } } })).toBeGreaterThan(5_000);
});

test('depth is no trap', () => {
  const depth = 200_000;
  let nested: unknown = 'end';
  for (let level = 0; level < depth; level += 1) nested = [nested];
  expect(sizeWith({ nested })).toBeGreaterThan(depth);
});
