import { execRequestSchema } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecord } from '../http/json-body.ts';
import { parseExecRequest, type ExecRequest } from './exec-request.ts';

const LIMITS = { maxSeconds: 604_800, maxOutputBytes: Number.MAX_SAFE_INTEGER };

const parse = (body: Readonly<Record<string, unknown>>): ExecRequest => {
  const parsed = parseExecRequest(body, LIMITS);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.request;
};

const problemOf = (body: Readonly<Record<string, unknown>>): string => {
  const parsed = parseExecRequest(body, LIMITS);
  return parsed.ok ? 'accepted' : parsed.problem;
};

describe('parseExecRequest', () => {
  it('fills in what was left out', () => {
    expect(parse({ argv: ['uptime'] })).toEqual({
      command: { kind: 'argv', argv: ['uptime'] },
      cwd: '/',
      env: [],
      user: undefined,
      stdin: undefined,
      timeoutSeconds: 60,
      maxOutputBytes: 10 * 1024 * 1024,
      id: undefined,
      progressPatterns: [],
      once: undefined,
    });
  });

  it('does not fill in more than the settings allow', () => {
    const parsed = parseExecRequest({ argv: ['a'] }, { maxSeconds: 5, maxOutputBytes: 7 });
    expect(parsed).toMatchObject({ request: { timeoutSeconds: 5, maxOutputBytes: 7 } });
  });

  it.each([
    [{ argv: ['a'], script: 'b' }, 'either argv or script'],
    [{ argv: [] }, 'argv must be'],
    [{ argv: [''] }, 'argv must be'],
    [{ argv: ['a', 7] }, 'argv must be'],
    [{ argv: ['a\0'] }, 'argv must be'],
    [{ argv: Array.from({ length: 1025 }, () => 'a') }, 'argv must be'],
    [{ argv: ['a'], interpreter: 'sh' }, 'interpreter is for a script'],
    [{ script: '' }, 'script must be'],
    [{ argv: ['a'], cwd: 'tmp' }, 'cwd must be'],
    [{ argv: ['a'], env: ['A=1'] }, 'env must be'],
    [{ argv: ['a'], env: { 'A=1': 'x' } }, 'a name that is none'],
    [{ argv: ['a'], env: { A: 7 } }, 'env.A must be'],
    [{ argv: ['a'], user: '../x' }, 'user must be'],
    [{ argv: ['a'], timeout_seconds: 0 }, 'timeout_seconds must be'],
    [{ argv: ['a'], timeout_seconds: 604_801 }, 'at most 604800'],
    [{ argv: ['a'], max_output_bytes: 1.5 }, 'max_output_bytes must be'],
    [{ argv: ['a'], id: 'a/b' }, 'id must be'],
    [{ argv: ['a'], progress_patterns: 'x' }, 'progress_patterns[0] must be'],
    [{ argv: ['a'], progress_patterns: [{ pattern: '{n}', phase: 'x' }] }, 'some text'],
    [{ argv: ['a'], progress_patterns: [{ pattern: 'a', phase: '' }] }, 'the phase'],
    [{ argv: ['a'], once: 'x' }, 'once must be'],
    [{ argv: ['a'], once: { key: '../x' } }, 'once must be'],
    [{ argv: ['a'], once: { key: 'x', again: 1 } }, 'once must be'],
    [{ argv: ['a'], shell: true }, 'unknown field "shell"'],
  ])('says what is wrong with %j', (body, problem) => {
    expect(problemOf(body)).toContain(problem);
  });

  it('never tells a value of the environment', () => {
    expect(problemOf({ argv: ['a'], env: { SECRET: 'hunter2\0' } })).not.toContain('hunter2');
  });

  const odd = fc.oneof(
    fc.constantFrom<unknown>(null, 0, -1, 1.5, 60, true, '', 'a', '/', '/tmp', 'a\0b', [], {}, [
      'x',
    ]),
    fc.string({ maxLength: 20 }),
    fc.jsonValue(),
  );
  /** Mostly right, or no body would be right as a whole. */
  const or = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: odd });
  const command = fc.oneof(
    fc.record({ argv: or(fc.array(fc.string(), { minLength: 1, maxLength: 4 })) }),
    fc.record({ script: or(fc.string({ minLength: 1 })) }),
    fc.record({ script: or(fc.string({ minLength: 1 })), interpreter: or(fc.constant('sh -e')) }),
    fc.record({ argv: odd, script: odd }, { requiredKeys: [] }),
  );
  const others = fc.record(
    {
      cwd: or(fc.constant('/srv')),
      env: or(fc.dictionary(fc.constantFrom('A', 'b_1'), fc.string({ unit: 'grapheme' }))),
      user: or(fc.constantFrom('root', '0')),
      stdin: or(fc.string()),
      timeout_seconds: or(fc.double({ min: 0.1, max: 604_800, noNaN: true })),
      max_output_bytes: or(fc.integer({ min: 1 })),
      id: or(fc.constant('a.b:c-1')),
      progress_patterns: or(fc.constant([{ pattern: 'at {n} of {m}', phase: 'x' }])),
      once: or(fc.constantFrom<unknown>({ key: 'a.b' }, { key: 'c', again: true })),
    },
    { requiredKeys: [] },
  );
  const body = fc
    .tuple(
      command,
      others,
      fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, fc.record({ more: odd })),
    )
    .map((parts): unknown => Object.fromEntries(parts.flatMap((part) => Object.entries(part))));

  it('takes just what the schema takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(body, (value) => {
        // What JSON cannot carry does not arrive.
        const document: unknown = JSON.parse(JSON.stringify(value));
        if (!isRecord(document)) throw new Error('no record');
        const { ok } = parseExecRequest(document, LIMITS);
        if (ok) taken += 1;
        expect(ok).toBe(execRequestSchema.safeParse(document).success);
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
    expect(taken).toBeLessThan(2_700);
  });
});
