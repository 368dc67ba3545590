import { expect, test } from 'vitest';
import { fieldProblems } from './field-problems.ts';

const refusal = (message: string, code = 'invalid') => ({ status: 422, code, message });

test('a refusal stands beside the field that it names', () => {
  const problems = fieldProblems(refusal('guest_ip: must be an IPv4 or IPv6 address'), [
    'guest_ip',
  ]);
  expect(problems.of('guest_ip')).toBe('Must be an IPv4 or IPv6 address');
  expect(problems.rest).toBeUndefined();
});

test('several fields are told apart, and a part of a field counts as the field', () => {
  const problems = fieldProblems(
    refusal('name: must not be empty; labels.env: must be short; name: again'),
    ['name', 'labels'],
  );
  expect(problems.of('name')).toBe('Must not be empty');
  expect(problems.of('labels')).toBe('Must be short');
});

test('a code says which field it is about where the message does not', () => {
  const problems = fieldProblems(refusal('another VM is called "web"', 'name_taken'), ['name'], {
    name_taken: 'name',
  });
  expect(problems.of('name')).toBe('Another VM is called "web"');
});

test('what is about no field of the form is told for the whole form', () => {
  const problem = refusal('The manager cannot be reached.', 'unreachable');
  const problems = fieldProblems(problem, ['name']);
  expect(problems.of('name')).toBeUndefined();
  expect(problems.rest).toBe(problem);
});

test('without a refusal there is nothing to say', () => {
  expect(fieldProblems(undefined, ['name']).rest).toBeUndefined();
});
