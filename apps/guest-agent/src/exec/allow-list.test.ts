import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { checkAllowed } from './allow-list.ts';
import type { Command } from './exec-request.ts';

const files = makeFakeFiles({ '/usr/bin/id': '', '/bin/id': '', '/usr/bin/systemctl': '' });
const LIST = ['/usr/bin/id', '/usr/bin/systemctl restart *', '/usr/bin/systemctl status nginx'];

const check = (
  argv: readonly [string, ...string[]],
  list: readonly string[] | undefined = LIST,
): readonly string[] | string | undefined => {
  const command: Command = { kind: 'argv', argv };
  const allowed = checkAllowed({ command, env: [] }, list, { files, path: '/usr/bin:/bin' });
  return allowed.ok ? allowed.argv : allowed.message;
};

describe('checkAllowed', () => {
  it('allows everything where there is no list', () => {
    const allowed = checkAllowed({ command: { kind: 'argv', argv: ['rm'] }, env: [] }, undefined, {
      files,
      path: '',
    });
    expect(allowed).toEqual({ ok: true, argv: undefined });
  });

  it.each([
    [['/usr/bin/id'], ['/usr/bin/id']],
    [
      ['/usr/bin/id', '-u', 'x'],
      ['/usr/bin/id', '-u', 'x'],
    ],
    [['id'], ['/usr/bin/id']],
    [
      ['systemctl', 'restart', 'a b'],
      ['/usr/bin/systemctl', 'restart', 'a b'],
    ],
    [
      ['systemctl', 'status', 'nginx'],
      ['/usr/bin/systemctl', 'status', 'nginx'],
    ],
  ] satisfies [[string, ...string[]], string[]][])('allows %j', (argv, expected) => {
    expect(check(argv)).toEqual(expected);
  });

  it.each([
    [['/bin/id']],
    [['../usr/bin/id']],
    [['/usr/bin/../bin/id']],
    [['/usr/bin//id']],
    [['sh']],
    [['systemctl']],
    [['systemctl', 'restart']],
    [['systemctl', 'restart', 'a', 'b']],
    [['systemctl', 'status', 'nginx; id']],
    [['systemctl', 'restart *', 'x']],
    [['*']],
    [['']],
  ] satisfies [[string, ...string[]]][])('refuses %j', (argv) => {
    expect(check(argv)).toMatch(/not in exec_allow/u);
  });

  it('refuses scripts and an environment', () => {
    const deps = { files, path: '/usr/bin' };
    const script: Command = { kind: 'script', script: 'id', interpreter: '/usr/bin/id' };
    expect(checkAllowed({ command: script, env: [] }, LIST, deps)).toMatchObject({ ok: false });
    const command: Command = { kind: 'argv', argv: ['id'] };
    expect(checkAllowed({ command, env: [['A', 'b']] }, LIST, deps)).toMatchObject({ ok: false });
  });
});
