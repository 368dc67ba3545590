import { describe, expect, it } from 'vitest';
import { parseLogQuery, QUERY_NAMES } from './log-query.ts';

const parse = (query: Readonly<Record<string, string>>) =>
  parseLogQuery(new Map(Object.entries(query).map(([name, value]) => [name, [value]])), undefined);

describe('how late a line may be seen', () => {
  it('is left to the source where nobody says it', () => {
    expect(parse({})).toMatchObject({ ok: true, query: { paceMs: undefined } });
  });

  it.each([
    ['10', 10],
    ['250', 250],
    ['1000', 1000],
  ] as const)('may be %s ms', (pace, paceMs) => {
    expect(QUERY_NAMES).toContain('pace');
    expect(parse({ pace })).toMatchObject({ ok: true, query: { paceMs } });
  });

  it.each(['9', '0', '1001', '-20', '20.5', '2e2', '', 'fast', '99999999999999999999'])(
    'is refused as “%s”',
    (pace) => {
      const problem = 'pace must be a whole number of milliseconds from 10 to 1000';
      expect(parse({ pace })).toEqual({ ok: false, problem });
    },
  );
});
