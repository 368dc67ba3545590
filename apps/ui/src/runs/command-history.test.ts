import { expect, test } from 'vitest';
import { makeCommandHistory, walkHistory } from './command-history.ts';

const makeStorage = () => {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
};

test('a line is kept once, at its newest place, for whoever typed it', () => {
  const storage = makeStorage();
  const history = makeCommandHistory(storage, 'me');
  for (const line of ['a', 'b', 'a', '']) history.add(line);
  expect(history.all()).toStrictEqual(['b', 'a']);
  expect(makeCommandHistory(storage, 'you').all()).toStrictEqual([]);
});

test('it is bounded, and what another release wrote does no harm', () => {
  const storage = makeStorage();
  storage.setItem('innkeeper.commands.me', '{"x":1}');
  const history = makeCommandHistory(storage, 'me');
  expect(history.all()).toStrictEqual([]);
  for (let index = 0; index < 300; index += 1) history.add(`line ${index}`);
  history.add('x'.repeat(100_000));
  expect(history.all()).toHaveLength(200);
  expect(history.all().at(-1)).toBe('line 299');
});

test('up and down walk through the lines, and what was being typed comes back', () => {
  const walk = walkHistory(['one', 'two']);
  expect(walk.older('half')).toBe('two');
  expect(walk.older('two')).toBe('one');
  expect(walk.older('one')).toBeUndefined();
  expect(walk.newer()).toBe('two');
  expect(walk.newer()).toBe('half');
  expect(walk.newer()).toBeUndefined();
});
