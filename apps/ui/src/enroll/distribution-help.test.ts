import { expect, test } from 'vitest';
import { DISTRIBUTIONS, findDistribution } from './distribution-help.ts';

test('each is found by what stands in the address, and nothing else is', () => {
  for (const one of DISTRIBUTIONS) expect(findDistribution(one.id)).toBe(one);
  expect(findDistribution('plan9')).toBeUndefined();
  expect(findDistribution(null)).toBeUndefined();
});

test('each has something to paste, and what is downloaded comes over https', () => {
  for (const { name, steps } of DISTRIBUTIONS) {
    const lines = steps.flatMap(({ line }) => line ?? []);
    expect(lines.length, name).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toContain('http://');
  }
});
