import { expect, test } from 'vitest';
import { keepLog } from '../../../../test/support/postgres-log.ts';
import { makeServerLog } from './server-log.ts';

test('lines come with their severity, also when they come in pieces', () => {
  const log = keepLog();
  const server = makeServerLog(log, () => 0);
  server.write('LOG:  database system is re');
  server.write('ady\nFATAL:  no more slots\nPANIC:  could not write\nsomething else\n');
  expect(log.lines).toStrictEqual([
    'debug Postgres',
    'warn Postgres',
    'error Postgres',
    'debug Postgres',
  ]);
  expect(log.fields.map(({ text }) => text)).toStrictEqual([
    'database system is ready',
    'no more slots',
    'could not write',
    'something else',
  ]);
});

test('a server that says too much is cut, and what is left out is counted', () => {
  const log = keepLog();
  let now = 0;
  const server = makeServerLog(log, () => now);
  server.write('LOG:  again\n'.repeat(100));
  expect(log.lines).toHaveLength(60);
  now = 10_000;
  server.write('LOG:  once more\n');
  expect(log.fields.slice(60)).toStrictEqual([{ count: 40 }, { text: 'once more' }]);
});

test('a line without an end is kept only in part', () => {
  const log = keepLog();
  const server = makeServerLog(log, () => 0);
  for (let time = 0; time < 1_000; time += 1) server.write('x'.repeat(10_000));
  expect(server.tail().length).toBeLessThanOrEqual(1_000);
  server.write('\n');
  expect(JSON.stringify(log.fields).length).toBeLessThan(1_100);
});

test('the end of it can be told', () => {
  const server = makeServerLog(keepLog(), () => 0);
  for (let line = 0; line < 20; line += 1) server.write(`LOG:  line ${line}\n`);
  expect(server.tail().split('\n')).toHaveLength(8);
  expect(server.tail()).toMatch(/line 19$/u);
});
