import type { Command } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { checkCommand, commandFacts, draftOfCommand, EMPTY_COMMAND } from './command-draft.ts';

const COMMAND: Command = {
  id: '0b0e7a52-6f0d-4b0b-8d0a-000000000001',
  name: 'switch',
  description: 'Switches to a release',
  argv: ['/bin/switch', '--to', '{{release}}'],
  script: null,
  interpreter: null,
  cwd: '/srv',
  user: null,
  timeout_seconds: 300,
  parameters: [
    { name: 'release', description: 'which', default: null },
    { name: 'mood', description: '', default: '' },
  ],
  progress_patterns: [{ pattern: '{n} of {m}', phase: 'Copying' }],
  run_by: 'admin',
  only_on: 'env=prod',
  created_at: 0,
  updated_at: 0,
};

test('a command that is opened and saved is the same command', () => {
  const { id, created_at, updated_at, ...rest } = COMMAND;
  void [id, created_at, updated_at];
  expect(checkCommand(draftOfCommand(COMMAND))).toStrictEqual({ ok: true, command: rest });
});

test('rows that were left empty are not saved', () => {
  const draft = {
    ...EMPTY_COMMAND,
    name: ' x ',
    script: 'true\n',
    parameters: [{ name: ' ', description: 'y', default: '', isNeeded: true }],
    patterns: [
      { pattern: '', phase: 'z' },
      { pattern: '{n}', phase: '' },
    ],
  };
  expect(checkCommand(draft)).toMatchObject({
    ok: true,
    command: {
      name: 'x',
      script: 'true\n',
      argv: null,
      parameters: [],
      progress_patterns: [{ pattern: '{n}', phase: 'Working' }],
      timeout_seconds: null,
      only_on: null,
    },
  });
});

test.each([
  [{ script: 'x' }, 'name'],
  [{ name: 'x' }, 'script'],
  [{ name: 'x', kind: 'argv', argv: '\n' }, 'argv'],
  [{ name: 'x', script: 'x', timeout: 'soon' }, 'timeout_seconds'],
] as const)('%j is wrong at %s', (changed, field) => {
  expect(checkCommand({ ...EMPTY_COMMAND, ...changed })).toMatchObject({ ok: false, field });
});

test('its facts are told in a line', () => {
  expect(commandFacts(COMMAND)).toBe('with release, mood, at most 5m, only on env=prod');
});
