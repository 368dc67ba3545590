import { expect, test } from 'vitest';
import { refusalOf } from './execution-session.ts';
import type { RunRecord } from './run-record.ts';

const request: RunRecord['request'] = { argv: ['true'], timeout_seconds: 86_400 };
const tooLong = {
  code: 'invalid_body',
  message: 'timeout_seconds must be a number above 0 and at most 3600',
};

test('an agent that does not let a command run for so long is quoted, and why it was asked to', () => {
  expect(refusalOf({ askAfterSeconds: 60, request }, tooLong).message).toBe(
    'timeout_seconds must be a number above 0 and at most 3600' +
      ' (on_timeout "ask" gives it 86400 s; "kill" does not)',
  );
});

test('any other refusal is told as the agent has it', () => {
  const other = { code: 'not_allowed', message: 'the program is not allowed' };
  expect(refusalOf({ askAfterSeconds: 60, request }, other)).toBe(other);
  expect(refusalOf({ askAfterSeconds: undefined, request }, tooLong)).toBe(tooLong);
});
