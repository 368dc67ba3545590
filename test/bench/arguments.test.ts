import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const parts = ['agent', 'store'];

describe('the arguments of npm run bench', () => {
  test('are optional: every part, three runs', () => {
    expect(parseArguments([], parts)).toStrictEqual({
      ok: true,
      options: { parts, runs: 3, quick: false, write: false, jsonPath: undefined },
    });
  });

  test('choose parts, in the order of the table and once each', () => {
    const parsed = parseArguments(['store', 'agent', 'store'], parts);
    expect(parsed).toMatchObject({ options: { parts: ['agent', 'store'] } });
  });

  test('may come in both spellings', () => {
    const spaced = parseArguments(['store', '--runs', '5', '--json', 'a=b.json'], parts);
    expect(spaced).toMatchObject({ options: { parts: ['store'], runs: 5, jsonPath: 'a=b.json' } });
    expect(parseArguments(['store', '--runs=5', '--json=a=b.json'], parts)).toStrictEqual(spaced);
  });

  test('make a quick run one run, unless they say otherwise', () => {
    expect(parseArguments(['--quick'], parts)).toMatchObject({ options: { quick: true, runs: 1 } });
    expect(parseArguments(['--quick', '--runs', '2'], parts)).toMatchObject({
      options: { runs: 2 },
    });
  });

  test.each([
    [['agents'], 'there is no part "agents"; the parts are: agent, store'],
    [['--fast'], 'unknown flag "--fast"; there are --quick, --runs N, --json FILE and --write'],
    [['--runs'], '--runs needs a number from 1 to 50, not ""'],
    [['--runs', '0'], '--runs needs a number from 1 to 50, not "0"'],
    [['--runs', '2.5'], '--runs needs a number from 1 to 50, not "2.5"'],
    [['--runs', '51'], '--runs needs a number from 1 to 50, not "51"'],
    [['--json'], '--json needs the name of a file'],
    [['--quick', '--write'], '--quick is for trying: its figures are not written to docs/bench.md'],
  ])('are refused in a sentence: %j', (args, reason) => {
    expect(parseArguments(args, parts)).toStrictEqual({ ok: false, reason });
  });
});
