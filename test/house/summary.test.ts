import { describe, expect, test } from 'vitest';
import { formatSummary, isGood } from '../run/summary.ts';

const nothing = { passed: 0, failed: 0, secondAttempts: [], skipped: [], problems: [] };

function lastLine(text: string): string | undefined {
  return text.split('\n').at(-1);
}

describe('the last line of npm test', () => {
  test('counts', () => {
    expect(lastLine(formatSummary({ ...nothing, passed: 12 }))).toBe('12 passed, 0 failed');
  });

  test('counts what could not run, and names each reason once above', () => {
    const text = formatSummary({ ...nothing, passed: 3, skipped: ['no x', 'no y', 'no x'] });
    expect(lastLine(text)).toBe('3 passed, 0 failed, 3 skipped');
    expect(text).toContain('  2 tests: no x\n  1 test: no y\n');
  });

  test('comes after the tests that passed only at the second attempt, by name', () => {
    const text = formatSummary({ ...nothing, passed: 2, secondAttempts: ['a race'] });
    expect(text).toContain('second attempt');
    expect(text).toContain('\n  a race\n');
    expect(lastLine(text)).toBe('2 passed, 0 failed');
  });

  test('comes after what Vitest has not shown', () => {
    const text = formatSummary({ ...nothing, failed: 1, problems: ['npm run check: lint'] });
    expect(text).toContain('npm run check: lint');
    expect(lastLine(text)).toBe('0 passed, 1 failed');
  });
});

describe('a run is good', () => {
  test.each([
    ['when all has passed', { ...nothing, passed: 1 }, true],
    [
      'when something passed and something could not run',
      { ...nothing, passed: 1, skipped: ['x'] },
      true,
    ],
    ['not when something has failed', { ...nothing, passed: 9, failed: 1 }, false],
    ['not when nothing ran', nothing, false],
    ['not when nothing could run', { ...nothing, skipped: ['x'] }, false],
  ])('%s', (_, report, expected) => {
    expect(isGood(report)).toBe(expected);
  });
});
