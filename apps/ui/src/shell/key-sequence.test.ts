import { expect, test } from 'vitest';
import { makeKeySequence } from './key-sequence.ts';

const make = () => makeKeySequence(() => ['/', 'j', 'g f', 'g h']);

test('a single key is itself', () => {
  expect(make().press('j', 0)).toBe('j');
});

test('two keys in a row are one shortcut', () => {
  const sequence = make();
  expect(sequence.press('g', 0)).toBeUndefined();
  expect(sequence.press('f', 400)).toBe('g f');
});

test('after a while the second key is only itself', () => {
  const sequence = make();
  sequence.press('g', 0);
  expect(sequence.press('f', 5_000)).toBe('f');
});

test('a second key that continues nothing is itself, and the first is forgotten', () => {
  const sequence = make();
  sequence.press('g', 0);
  expect(sequence.press('j', 100)).toBe('j');
  expect(sequence.press('f', 200)).toBe('f');
});

test('the first key twice begins anew', () => {
  const sequence = make();
  sequence.press('g', 0);
  expect(sequence.press('g', 100)).toBeUndefined();
  expect(sequence.press('h', 200)).toBe('g h');
});
