import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecord } from './trial-record.ts';

const RECORD = {
  id: 'a',
  state: 'trial',
  version: '1.5.0',
  from: '1.4.0',
  starts: 2,
  trial_seconds: 600,
  problem: null,
};

test('a record is read as it was written', () => {
  expect(parseRecord(JSON.stringify(RECORD))).toEqual({
    id: 'a',
    state: 'trial',
    version: '1.5.0',
    from: '1.4.0',
    starts: 2,
    trialSeconds: 600,
    problem: undefined,
  });
  const problem = { code: 'did_not_stay', message: 'it did not' };
  const returned = parseRecord(JSON.stringify({ ...RECORD, state: 'returned', problem }));
  expect(returned?.problem).toEqual(problem);
});

test.each([
  '',
  'null',
  '[]',
  '{}',
  JSON.stringify({ ...RECORD, starts: -1 }),
  JSON.stringify({ ...RECORD, starts: '1' }),
  JSON.stringify({ ...RECORD, state: 'done' }),
  JSON.stringify({ ...RECORD, id: '' }),
  JSON.stringify(RECORD).slice(0, -2),
])('%s is no record', (text) => {
  expect(parseRecord(text)).toBeUndefined();
});

test('whatever is there instead is no reason not to start', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(() => parseRecord(text)).not.toThrow();
    }),
  );
});
