import { expect, test } from 'vitest';
import { isUnavailable, toDatabaseError } from './connection-failure.ts';
import { DatabaseUnavailable } from './database.ts';

const withCode = (code: string, message = 'no'): Error =>
  Object.assign(new Error(message), { code });

test.each([
  ['nobody listens', withCode('ECONNREFUSED')],
  ['no socket', withCode('ENOENT')],
  ['a host name that nobody knows', withCode('ENOTFOUND')],
  ['the server stops', withCode('57P01')],
  ['the server starts', withCode('57P03')],
  ['too many connections', withCode('53300')],
  ['the disk is full', withCode('53100')],
  ['the server is a standby now', withCode('25006')],
  ['a statement took too long', withCode('57014')],
  ['the connection broke', new Error('Connection terminated unexpectedly')],
  ['no connection became free', new Error('timeout exceeded when trying to connect')],
  ['the server is silent', new Error('Query read timeout')],
])('%s: unavailable', (_, error) => {
  expect(isUnavailable(error)).toBe(true);
  const mapped = toDatabaseError(error);
  expect(mapped).toBeInstanceOf(DatabaseUnavailable);
  expect(mapped).toMatchObject({ cause: error });
  expect(toDatabaseError(mapped)).toBe(mapped);
});

test.each([
  ['a duplicate key', withCode('23505')],
  ['a wrong statement', withCode('42601')],
  ['a wrong password', withCode('28P01')],
  ['a bug', new TypeError('undefined is not a function')],
  ['something that is no error', 'ECONNREFUSED'],
])('%s: stays what it is', (_, error) => {
  expect(isUnavailable(error)).toBe(false);
  expect(toDatabaseError(error)).toBe(error);
});

test('an error without a message is told by its code', () => {
  expect(toDatabaseError(withCode('ECONNREFUSED', ''))).toMatchObject({
    message: 'the database is unavailable: ECONNREFUSED',
  });
});
