import { expect, test } from 'vitest';
import { DatabaseUnavailable } from '../database/database.ts';
import { describeFailure, failureKindOf } from './failure.ts';

const sqlError = (code: string): Error => Object.assign(new Error('failed'), { code });

test.each([
  ['Postgres is away', new DatabaseUnavailable('gone'), 'unavailable'],
  ['the disk is full', sqlError('53100'), 'unavailable'],
  ['a lock is not to be had', sqlError('55P03'), 'unavailable'],
  ['a deadlock', sqlError('40P01'), 'unavailable'],
  ['the tables are not there yet', sqlError('42P01'), 'unavailable'],
  ['the password was changed', sqlError('28P01'), 'unavailable'],
  ['a number that does not fit', sqlError('22003'), 'data'],
  ['a row without a partition', sqlError('23514'), 'data'],
  ['Postgres has found damage', sqlError('XX001'), 'unclear'],
  ['an error of Node', sqlError('ERR_INVALID_ARG_TYPE'), 'unclear'],
  ['a bug', new TypeError('x is not a function'), 'unclear'],
  ['something else', 'text', 'unclear'],
])('%s', (_what, error, kind) => {
  expect(failureKindOf(error)).toBe(kind);
});

test('what Postgres says is cut short', () => {
  expect(describeFailure(new Error('x'.repeat(10_000)))).toHaveLength(200);
});
