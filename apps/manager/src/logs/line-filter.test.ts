/** What a viewer's filter lets through. */
import type { LogFilter } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeLineFilter, passes } from './line-filter.ts';

const line = {
  timestamp: 1,
  level: 'warn',
  target: 'web@a.org.service',
  message: 'GET /Straße',
  fields: { _SYSTEMD_USER_UNIT: 'shell.scope', UNIT: 'cron.service', _PID: '1' },
  cursor: 's=1',
  stream: 'stdout',
  seq: 1,
} as const;

const CASES: readonly (readonly [LogFilter, boolean])[] = [
  [{}, true],
  [{ level: 'warn' }, true],
  [{ level: 'debug' }, true],
  [{ level: 'error' }, false],
  [{ unit: [] }, true],
  [{ unit: ['web@a.org'] }, true],
  [{ unit: ['web'] }, false],
  [{ unit: ['shell.scope'] }, true],
  [{ unit: ['cron'] }, true],
  [{ unit: ['cron.timer', 'other'] }, false],
  [{ stream: 'stdout' }, true],
  [{ stream: 'stderr' }, false],
  [{ grep: 'get /stra' }, true],
  [{ grep: 'POST' }, false],
  [{ level: 'warn', grep: 'get', unit: ['cron'], stream: 'stdout' }, true],
  [{ level: 'warn', grep: 'get', unit: ['cron'], stream: 'stderr' }, false],
];

test.each(CASES)('%j: %s', (filter, isWanted) => {
  expect(passes(makeLineFilter(filter), line)).toBe(isWanted);
});

test("a program's UNIT is no unit's line, trace is debugging, and marks pass always", () => {
  const byProgram = { ...line, fields: { UNIT: 'cron.service', _PID: '7' } };
  expect(passes(makeLineFilter({ unit: ['cron'] }), byProgram)).toBe(false);
  expect(passes(makeLineFilter({ level: 'debug' }), { ...line, level: 'trace' })).toBe(true);
  expect(passes(makeLineFilter({ level: 'info' }), { ...line, level: 'trace' })).toBe(false);
  const mark = { seq: 2, mark: 'lost', at: 1, count: 3 } as const;
  expect(passes(makeLineFilter({ grep: 'nothing' }), mark)).toBe(true);
});
