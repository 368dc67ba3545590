import { execFileSync } from 'node:child_process';
import { commandCreateSchema, type CommandCreate } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandProblem, fillIn } from './placeholders.ts';

const make = (fields: Partial<CommandCreate>): CommandCreate =>
  commandCreateSchema.parse({ name: 'test', ...fields });
const who = [{ name: 'who', description: '', default: null }];

/** What a shell makes of it. */
const runScript = (
  command: CommandCreate,
  parameters: Readonly<Record<string, string>>,
): string => {
  const filled = fillIn(command, parameters);
  if (!filled.ok || !('script' in filled.request)) throw new Error('it does not fit');
  const { script, env = {} } = filled.request;
  return execFileSync('/bin/sh', ['-c', script], { env, encoding: 'utf8', stdio: 'pipe' });
};

describe('a parameter', () => {
  test('in a script is one word, whatever is in it', () => {
    const command = make({ script: 'printf "[%s]" {{who}} {{ who }}', parameters: who });
    const text = fc.string({
      unit: fc.constantFrom(
        'a',
        ' ',
        '"',
        "'",
        '$(id)',
        '`id`',
        ';',
        '\\',
        '*',
        '\n',
        '$HOME',
        '}',
      ),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (value) => {
        expect(runScript(command, { who: value })).toBe(`[${value}][${value}]`);
      }),
      { numRuns: 40 },
    );
  });

  test.each(['echo "{{who}}"', "echo '{{who}}'", 'cat <<END\n{{who}}\nEND', 'echo x{{who}}x'])(
    'is never code, also in %j',
    (script) => {
      const command = make({ script, parameters: who });
      const evil = `"; echo INJECTED; '; echo INJECTED; $(echo INJECTED) \`echo INJECTED\``;
      const printed = runScript(command, { who: evil });
      expect(printed.replaceAll('echo INJECTED', '')).not.toContain('INJECTED');
    },
  );

  test('in an argv is replaced as it is', () => {
    const command = make({ argv: ['echo', '--name={{who}}', '{{who}}'], parameters: who });
    expect(fillIn(command, { who: '$(id) x' })).toStrictEqual({
      ok: true,
      request: { argv: ['echo', '--name=$(id) x', '$(id) x'] },
    });
  });

  test('that is left out has its default, and without one is asked for', () => {
    const parameters = [{ name: 'who', description: '', default: 'world' }];
    expect(runScript(make({ script: 'printf %s {{who}}', parameters }), {})).toBe('world');
    expect(fillIn(make({ script: 'echo {{who}}', parameters: who }), {})).toMatchObject({
      ok: false,
      message: 'who has to be given',
    });
    expect(fillIn(make({ script: 'true' }), { other: 'x' })).toMatchObject({ ok: false });
  });
});

test.each([
  [{}, /one of argv and script/u],
  [{ argv: ['true'], script: 'true' }, /one of argv and script/u],
  [{ script: 'echo {{nobody}}' }, /nobody\}\} is not one of the parameters/u],
  [{ argv: ['{{who}}'], parameters: who }, /program itself/u],
  [{ script: 'true', parameters: [...who, ...who] }, /who is there twice/u],
  [{ script: '#!/usr/bin/python3\nprint({{who}})', parameters: who }, /environment: PARAM_WHO/u],
] satisfies readonly [Partial<CommandCreate>, RegExp][])('%j is refused', (fields, message) => {
  expect(commandProblem(make(fields))?.message).toMatch(message);
});

test.each([
  { script: '#!/bin/bash\necho {{who}}', parameters: who },
  { script: 'echo {{who}}', interpreter: '/usr/bin/env bash', parameters: who },
  { script: '#!/usr/bin/python3\nprint()', parameters: who },
] satisfies readonly Partial<CommandCreate>[])('%j is accepted', (fields) => {
  expect(commandProblem(make(fields))).toBeUndefined();
});
