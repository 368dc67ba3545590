import type { Command } from '@innkeeper/protocol';
import { describe, expect, test } from 'vitest';
import {
  checkDraft,
  draftText,
  EMPTY_DRAFT,
  parseMode,
  parseSeconds,
  type Draft,
} from './draft.ts';

const COMMAND: Command = {
  id: '0b0e7a52-6f0d-4b0b-8d0a-000000000001',
  name: 'greet',
  description: '',
  argv: null,
  script: 'echo {{who}} {{mood}}',
  interpreter: null,
  cwd: null,
  user: null,
  timeout_seconds: null,
  parameters: [
    { name: 'who', description: '', default: null },
    { name: 'mood', description: '', default: 'well' },
  ],
  progress_patterns: [],
  run_by: 'operator',
  only_on: null,
  created_at: 0,
  updated_at: 0,
};
const check = (changed: Partial<Draft>, command?: Command) =>
  checkDraft({ ...EMPTY_DRAFT, ...changed }, command);

test.each([
  ['90', 90],
  ['90s', 90],
  [' 5m ', 300],
  ['1h 30m', 5400],
  ['1h30m', 5400],
  ['2d', 172_800],
  ['', undefined],
  ['5 minutes', undefined],
  ['-1', undefined],
  ['1e9', undefined],
])('%j is a time of %s seconds', (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});

test('a mode that is unknown is a command line', () => {
  expect([parseMode('saved'), parseMode('x'), parseMode(null)]).toStrictEqual([
    'saved',
    'command',
    'command',
  ]);
});

describe('a draft', () => {
  test('of a line is a script for the shell, with nothing that was not asked for', () => {
    expect(check({ line: '  uname -a | cat ' })).toStrictEqual({
      ok: true,
      what: { script: 'uname -a | cat' },
    });
  });

  test('has all that was asked for', () => {
    const asked = { cwd: '/srv ', user: 'app', timeout: '5m', maxOutput: '0.5' };
    expect(check({ mode: 'script', script: 'x', interpreter: 'python3', ...asked })).toStrictEqual({
      ok: true,
      what: {
        script: 'x',
        interpreter: 'python3',
        cwd: '/srv',
        user: 'app',
        timeout_seconds: 300,
        max_output_bytes: 524_288,
      },
    });
  });

  test.each([
    [{}, 'line'],
    [{ mode: 'script', script: ' \n' }, 'script'],
    [{ mode: 'saved' }, 'command'],
    [{ line: 'x', timeout: 'soon' }, 'timeout'],
    [{ line: 'x', timeout: '0' }, 'timeout'],
    [{ line: 'x', timeout: '8d' }, 'timeout'],
    [{ line: 'x', maxOutput: '0' }, 'max_output'],
    [{ line: 'x', maxOutput: '257' }, 'max_output'],
    [{ line: 'x', maxOutput: 'much' }, 'max_output'],
  ] as const)('%j is wrong at %s', (changed, field) => {
    expect(check(changed)).toMatchObject({ ok: false, field });
  });

  test('of a saved command has its parameters, and none of another command', () => {
    const parameters = { who: 'you', stranger: 'x' };
    expect(check({ mode: 'saved', parameters, cwd: '/ignored' }, COMMAND)).toStrictEqual({
      ok: true,
      what: { command_id: COMMAND.id, parameters: { who: 'you' } },
    });
    expect(check({ mode: 'saved' }, COMMAND)).toMatchObject({ ok: false, field: 'command' });
  });

  test('is told in words', () => {
    const saved = { ...EMPTY_DRAFT, mode: 'saved', parameters: { who: 'you' } } as const;
    expect(draftText(saved, COMMAND)).toBe('greet who=you mood=well');
    expect(draftText({ ...EMPTY_DRAFT, line: ' ls ' }, undefined)).toBe('ls');
  });
});
