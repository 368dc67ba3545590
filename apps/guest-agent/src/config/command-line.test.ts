import { describe, expect, it } from 'vitest';
import { parseCommandLine, type CommandLine } from './command-line.ts';
import { SETTINGS } from './settings.ts';

const commandLineOf = (...args: readonly string[]): CommandLine => {
  const parsed = parseCommandLine(args);
  if (!parsed.ok) throw new Error(`unexpectedly refused: ${parsed.problem}`);
  return parsed.commandLine;
};

const problemOf = (...args: readonly string[]): string => {
  const parsed = parseCommandLine(args);
  return parsed.ok ? 'accepted' : parsed.problem;
};

describe('parseCommandLine', () => {
  it('runs with nothing set where there are no arguments', () => {
    expect(commandLineOf()).toEqual({ wants: 'run', configPath: undefined, flags: new Map() });
  });

  it.each([
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--version'], 'version'],
    [['-V'], 'version'],
    [['--listen', ':1', '--help'], 'help'],
  ] as const)('takes %j for a wish', (args, wants) => {
    expect(commandLineOf(...args).wants).toBe(wants);
  });

  it('has a flag for every setting, with dashes, and with its value beside it or after an =', () => {
    for (const key of Object.keys(SETTINGS)) {
      const flag = `--${key.replaceAll('_', '-')}`;
      expect([...commandLineOf(flag, 'x').flags]).toEqual([[key, 'x']]);
      expect([...commandLineOf(`${flag}=x=y`).flags]).toEqual([[key, 'x=y']]);
    }
  });

  it('takes the path of the config file, which is no setting', () => {
    expect(commandLineOf('--config', '/x')).toMatchObject({ configPath: '/x', flags: new Map() });
    expect(commandLineOf('--config=/x').configPath).toBe('/x');
  });

  it('lets the last one of two equal flags win', () => {
    expect(commandLineOf('--role', 'a', '--role=b').flags.get('role')).toBe('b');
  });

  it.each([
    '--lisen',
    '--Listen',
    'listen',
    '-listen',
    'xxlisten',
    '---listen',
    '--',
    '',
    '--constructor',
    '--__proto__',
    '-x',
  ])('refuses %j, and names it', (flag) => {
    const problem = problemOf(flag, 'value');
    expect(problem).toContain('unknown flag');
    expect(problem).toContain(JSON.stringify(flag));
  });

  it.each([[['--listen']], [['--listen=']], [['--listen', '']], [['--config']], [['--config=']]])(
    'refuses %j, which lacks its value',
    (args) => {
      expect(problemOf(...args)).toMatch(/^--(?:listen|config) needs a value$/u);
    },
  );

  it('quotes an unknown flag in a bounded form', () => {
    const problem = problemOf(`--${'x'.repeat(10_000)}`, 'value');
    expect(problem).toContain('unknown flag');
    expect(problem.length).toBeLessThan(200);
  });
});
