import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DatabaseUnavailable } from '../database/database.ts';
import { problemOfMachine } from './problem.ts';

const errorOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
};

test('a database that went away, and a file that cannot be used, are sentences', () => {
  expect(problemOfMachine(new DatabaseUnavailable('the connection ended'))).toStrictEqual({
    ok: false,
    problem: 'the database went away during the start: the connection ended',
    isConfiguration: false,
  });
  const missing = errorOf(() => readFileSync('/nowhere/at/all'));
  expect(problemOfMachine(missing)?.problem).toMatch(
    /^the start ended at a file: ENOENT.*nowhere/u,
  );
});

test('anything else is a bug, and stays one', () => {
  expect(problemOfMachine(new TypeError('undefined is not a function'))).toBeUndefined();
  expect(problemOfMachine('text')).toBeUndefined();
});
